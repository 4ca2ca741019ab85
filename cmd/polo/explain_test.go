package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	const record = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/a","accountId":"123456789012"},"eventTime":"2026-01-02T03:04:05Z",
		"eventSource":"ec2.amazonaws.com","eventName":"AttachVolume","awsRegion":"us-east-1","requestParameters":{"volumeId":"vol-0123456789abcdef0","instanceId":"i-0123456789abcdef0"},
		"eventID":"11111111-1111-1111-1111-111111111111","readOnly":false,"eventType":"AwsApiCall","recipientAccountId":"123456789012"}`
	second := strings.ReplaceAll(strings.ReplaceAll(record, "1111", "2222"), "AttachVolume", "DetachVolume")
	file := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(file, []byte(`{"Records":[`+record+","+second+"]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(stdin string, args ...string) (string, error) {
		var out, errs bytes.Buffer
		err := exec(t.Context(), append([]string{"explain"}, args...), strings.NewReader(stdin), &out, &errs)
		return out.String(), err
	}
	var squeezed bytes.Buffer
	zip := gzip.NewWriter(&squeezed)
	if _, err := zip.Write([]byte(record)); err != nil || zip.Close() != nil {
		t.Fatal("compressing failed")
	}
	const volume, instance = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0", "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"
	for _, tc := range []struct {
		name, stdin string
		args        []string
		want, not   []string
	}{
		{"one record", record, []string{"-"}, []string{"ec2 AttachVolume: " + volume + " (built_from_id)", "*   111  " + volume, "in request.volumeId", "edge: attached_to", instance}, []string{"DetachVolume"}},
		{"every record of a file", "", []string{file}, []string{"AttachVolume", "DetachVolume", "edge: detached_from"}, nil},
		{"one of a file", "", []string{"--event", "22222222-2222-2222-2222-222222222222", file}, []string{"DetachVolume"}, []string{"AttachVolume"}},
		{"compressed", squeezed.String(), []string{"-"}, []string{"11111111-1111-1111-1111-111111111111 ec2 AttachVolume"}, nil},
		{"as JSON", record, []string{"--json", "-"}, []string{`"arn": "` + volume + `"`, `"reason": "the operation's noun is its type"`}, nil},
	} {
		out, err := run(tc.stdin, tc.args...)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		for _, want := range tc.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in:\n%s", tc.name, want, out)
			}
		}
		for _, not := range tc.not {
			if strings.Contains(out, not) {
				t.Errorf("%s: %q in:\n%s", tc.name, not, out)
			}
		}
	}
	for name, args := range map[string][]string{"no such file": {file + ".gone"}, "no such event": {"--event", "x", file}, "no record": {"-"}} {
		if out, err := run("{}", args...); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
}
