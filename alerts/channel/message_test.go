package channel_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/alerts/channel"
)

var update = flag.Bool("update", false, "rewrite testdata")

// TestMessages holds what the channels send against files.
func TestMessages(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]channel.Message{
		"firing":   message(),
		"resolved": message(func(m *channel.Message) { m.Firing, m.Open, m.Repeated = nil, 0, true }),
		"capped":   message(func(m *channel.Message) { m.Firing, m.MoreFiring, m.MoreResolved = m.Firing[:1], 212, 3 }),
	} {
		for _, kind := range []string{"slack", "pagerduty", "webhook"} {
			got, _, _ := sent(t, kind, m)
			text, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", kind+"_"+name+".json")
			if *update {
				if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(text)+"\n"); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", kind, name, diff)
			}
		}
	}
}

// Data are never markup, headers, or more than the receiver takes.
func TestHostileData(t *testing.T) {
	t.Parallel()
	got, _, body := sent(t, "slack", message(hostile))
	blocks, _ := got["blocks"].([]any)
	if len(blocks) > 50 || len(blocks) < 3 {
		t.Errorf("%d blocks", len(blocks))
	}
	for _, b := range blocks {
		text := b.(map[string]any)["text"].(map[string]any)["text"].(string)
		if n := len([]rune(text)); n > 3000 {
			t.Errorf("a block of %d characters", n)
		}
		for _, bad := range []string{"<!", "<script", "<https://evil", "\u202e", "\u2028"} {
			if strings.Contains(text, bad) && b.(map[string]any)["type"] != "header" { // a header is plain text
				t.Errorf("%q in a block: %.200q", bad, text)
			}
		}
	}
	if !strings.Contains(string(body), "and 212 more") {
		t.Error("what is not listed is not counted")
	}
	got, _, body = sent(t, "pagerduty", message(hostile))
	payload, _ := got["payload"].(map[string]any)
	if n := len([]rune(payload["summary"].(string))); n > 1024 || strings.ContainsAny(payload["summary"].(string), "\r\n") {
		t.Errorf("a summary of %d characters: %.100q", n, payload["summary"])
	}
	if len(body) > 512<<10 {
		t.Errorf("%d bytes", len(body))
	}
}

// A receiver checks the signature as docs/ALERTS.md says.
func TestTheWebhooksSignature(t *testing.T) {
	t.Parallel()
	_, request, body := sent(t, "webhook", message())
	at := request.Header.Get(channel.HeaderTimestamp)
	if at != "1767323100" || request.Header.Get(channel.HeaderMessage) != "m-1" {
		t.Errorf("headers %v", request.Header)
	}
	if want := "v1=" + channel.Sign([]byte("SECRETSIGNATUREKEY"), at, body); request.Header.Get(channel.HeaderSignature) != want {
		t.Errorf("signature %s, want %s", request.Header.Get(channel.HeaderSignature), want)
	}
	// As computed by: printf %s '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
	if got := channel.Sign([]byte("0123456789abcdef"), "1", []byte("{}")); got != "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f" {
		t.Errorf("signature %s", got)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	f, err := channel.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || len(lines) != 2 || got["id"] != "m-1" {
		t.Errorf("%d lines, %v: %s", len(lines), err, text)
	}
	if _, err := channel.NewFile("alerts.jsonl"); err == nil {
		t.Error("a relative path is taken")
	}
}
