package main

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/tree/treetest"
)

func tarred(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each file of a folder goes to the reader of its kind, whatever its name. A damaged file has the
// kind of its readable part, or of its name. A file of no kind goes to no reader, and is named.
func TestFilesAreSortedByKind(t *testing.T) {
	t.Parallel()
	const (
		record     = `{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets"}`
		trailInCSV = "CloudTrail's events in CSV"
		header     = "identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost\n"
	)
	log := `{"Records":[` + strings.Repeat(record+",", 20) + record + `]}`
	tests := []struct{ name, text, kind, why string }{
		{"log.json", log, kindCloudTrail, ""},
		{"log-of-a-query.json", `{"Records":[` + record + `,{"eventVersion":"1.08","requestParameters":{"queryStatement":"SELECT eventID, eventName, eventTime, eventSource"}}]}`, kindCloudTrail, ""},
		{"log-cut.json", log[:200], kindCloudTrail, ""},
		{"log-cut-early.json", log[:14], kindCloudTrail, ""},
		{"log-first-byte.json", "\x00" + log[1:], kindCloudTrail, ""},
		{"log-cut.json.gz", treetest.Gzip(t, log)[:60], kindCloudTrail, ""},
		{"log-broken.json.gz", "\x1f\x8b\x08\x00garbage", kindCloudTrail, ""},
		{"log-zeros.json.gz", strings.Repeat("\x00", 100), kindCloudTrail, ""},
		{"export/000000.gz", "\x1f\x8b\x08\x00garbage", kindCloudTrail, ""},
		{"111122223333_CloudTrail_eu-west-1_20260101T0000Z_x.json", `{"a":1`, kindCloudTrail, ""},
		{"none.json", `{"Records":[]}`, kindCloudTrail, ""},
		{"digest.json", `{"digestStartTime":"x","digestS3Bucket":"b","logFiles":[]}`, kindCloudTrail, ""},
		{"subscription", `{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{\"eventVersion\":\"1.08\",\"eventTime\":\"x\"}"}]}`, kindCloudTrail, ""},
		{"event", `{"detail-type":"EC2 Instance State-change Notification","source":"aws.ec2"}`, kindCloudTrail, ""},
		{"rule.json", `{"configRuleArn":"arn:aws:config:eu-west-1:111122223333:config-rule/x","invokingEvent":"{}"}`, kindCloudTrail, ""},
		{"cloudtrail.lookup-events_1.json", `{"Events":[]}`, kindCloudTrail, ""},
		{"cloudtrail.GetEventSelectors_1.json", `{"status_code":200,"data":{"TrailARN":"x"}}`, kindRecorded, ""},
		{"lake/columns.csv", "eventTime,eventName,awsRegion\n2026-01-01 00:00:00.000,ListBuckets,us-east-1\n", "", trailInCSV},
		{"lake/all.csv.gz", treetest.Gzip(t, "\"eventVersion\",\"userIdentity\",\"eventTime\"\r\n\"1.08\",\"{type=IAMUser}\",\"2026-01-01 00:00:00.000\"\r\n"), "", trailInCSV},
		{"lake/records.csv", "\ufeffeventJson\n\"" + strings.ReplaceAll(record, `"`, `""`) + "\"\n", "", trailInCSV},
		{"lake/event.csv", "event\n\"" + strings.ReplaceAll(record, `"`, `""`) + "\"\n", "", trailInCSV},
		{"event_history.csv", "Event name,Event time,User name,Event source,Resource type,Resource name\nListBuckets,2026-01-01,ada,s3.amazonaws.com,,\n", "", trailInCSV},
		{"agenda.csv", "time,event\n10:00,opening\n", kindBill, ""}, // like any table beside bills
		{"bill.txt", header, kindBill, ""},
		{"focus.csv", "\ufeffBilledCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart\n", kindBill, ""},
		{"bill-broken.csv.gz", "\x1f\x8b\x08\x00garbage", kindBill, ""},
		{"bill-cut.parquet", "PAR1\x15", kindBill, ""},
		{"ec2.DescribeInstances_1.json", `{"status_code":200,"data":{"Reservations":[]}}`, kindRecorded, ""},
		{"ec2.describe-instances_2.json.gz", treetest.Gzip(t, `{"Reservations":[]}`), kindRecorded, ""},
		{"ec2.DescribeInstances_3.json", ``, kindRecorded, ""},
		{"ec2.DescribeInstances_4.json", `<html>`, kindRecorded, ""},
		{"saved.json", `{"status_code": 200, "data": {"Reservations":[]}}`, kindRecorded, ""},
		{"costs.json", `{"ResultsByTime":[]}`, kindRecorded, ""},

		{"notes.md", "hello", "", "text of no kind that is read"},
		{"_SUCCESS", "", "", "empty"},
		{"empty.json", "", "", "empty"},
		{".part-0.csv.crc", "crc\x00\x00\x00\x02\x00", "", "no kind of file that is read"},
		{"picture.png", "\x89PNG\r\n\x1a\n\x00", "", "no kind of file that is read"},
		{"page.html", "<!DOCTYPE html><html></html>", "", "HTML"},
		{"error.json", "<html><body>403</body></html>", "", "HTML"},
		{"list.xml", "<?xml version=\"1.0\"?><a/>", "", "XML"},
		{"package.lock.json", `{"name":"x","packages":{}}`, "", "JSON of no kind that is read"},
		{"list.json", `[1,2,3]`, "", "JSON of no kind that is read"},
		{"cut.json", `{"name":"x","pack`, "", "JSON of no kind that is read"},
		{"old.tar.gz", treetest.Gzip(t, tarred(t, "log.json", log)), "", "an archive"},
		{"excel.txt", "\xff\xfea\x00,\x00b\x00\n\x00", "", "UTF-16"},
		{"old.tar", tarred(t, "log.json", log), "", "an archive"},
		{"log.json.zst", "\x28\xb5\x2f\xfd\x04\x00", "", "compressed in another way than gzip"},
		{"dump.sql.gz", "\x1f\x8b\x08\x00garbage", "", "gzip that cannot be unpacked"},
		{"flows.log", "version account-id interface-id srcaddr\n2 111122223333 eni-1 10.0.0.1\n", "", "VPC flow logs"},
		{"note.json", `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-01-01T00:00:00Z","eventName":"ObjectCreated:Put"}]}`, "", "notifications of AWS to a queue or a function"},
		{"111122223333_Config_eu-west-1_ConfigSnapshot_x.json", `{"fileVersion":"1.0","configurationItems":[]}`, "", "AWS Config snapshots"},
	}
	dir := t.TempDir()
	want := map[string]string{}
	for _, tc := range tests {
		treetest.Write(t, dir, map[string]string{tc.name: tc.text})
		want[tc.name] = tc.kind + tc.why
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "round")); err != nil {
		t.Fatal(err)
	}
	want["pipe.json"], want["link"] = "a named pipe", "cannot be read: no such file or directory"
	want["round"] = "a link to a folder, which is not followed"

	s, err := (&ingestCmd{Source: "auto"}).sort(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, kind := range s.kinds {
		got[name] = kind
	}
	for _, f := range s.strays {
		got[f.name] += f.why
		if f.why == trailInCSV && !strings.Contains(f.do, "S3") {
			t.Errorf("%s: what to do: %q", f.name, f.do)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if _, err := (&ingestCmd{Source: "auto"}).sort(t.Context(), filepath.Join(dir, "nobody")); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("an input that is not there: %v", err)
	}
	if _, err := (&ingestCmd{Source: "auto"}).sort(t.Context(), filepath.Join(dir, "pipe.json")); err == nil || !strings.Contains(err.Error(), "a named pipe") {
		t.Errorf("an input that is a pipe: %v", err)
	}
}

// A CSV with other columns is a stray among logs. Among bills it may be a part of one: the reader
// of bills decides.
func TestOtherTablesBesideBills(t *testing.T) {
	t.Parallel()
	const header = "identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost\n"
	for name, tc := range map[string]struct {
		files map[string]string
		want  map[string][]string
	}{
		"alone":        {map[string]string{"names.csv": "id,name\n1,x\n", "empty.csv.gz": ""}, map[string][]string{}},
		"beside bills": {map[string]string{"names.csv": "id,name\n1,x\n", "empty.csv.gz": "", "bill.csv": header}, map[string][]string{kindBill: {"bill.csv", "empty.csv.gz", "names.csv"}}},
	} {
		dir := treetest.Folder(t, tc.files)
		s, err := (&ingestCmd{Source: "auto"}).sort(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, s.names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(s.strays)+len(s.kinds) != len(tc.files) {
			t.Errorf("%s: %d strays of %d files", name, len(s.strays), len(tc.files))
		}
	}
}

// A file that cannot be opened may be a part of any bill: the error names it.
func TestUnreadableFilesAreNamed(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"a/bill.csv": "identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost\n"})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "a", "gone.csv")); err != nil {
		t.Fatal(err)
	}
	s, err := (&ingestCmd{Source: "auto"}).sort(t.Context(), dir)
	if err != nil || s.doubt != "a/gone.csv: cannot be read: no such file or directory" || len(s.strays) != 1 || !s.strays[0].unread || len(s.names[kindBill]) != 1 {
		t.Errorf("doubt %q, strays %+v, %v", s.doubt, s.strays, err)
	}
}
