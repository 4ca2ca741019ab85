package integration_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/producers/tree/treetest"
)

// TestIngestAnswersOfOneSecond: of two recorded responses of one second the one whose name
// sorts later counts: on every run, in a copy with other file times and folder names, and
// whichever is ingested first.
func TestIngestAnswersOfOneSecond(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"x/ec2.DescribeInstances_1.json": oneAnswer,
		"x/ec2.DescribeInstances_2.json": strings.Replace(oneAnswer, "running", "terminated", 1),
	}
	whole := t.TempDir()
	first := ingest(t, whole, treetest.Folder(t, files))
	if first.Failed != 0 || first.Inserted != 1 || first.Undated != 2 {
		t.Errorf("%+v", first)
	}
	if got := number(t, whole, "SELECT count() FROM resource_events FINAL WHERE event_type = 'resource.deleted' AND state = 'terminated'"); got != 1 {
		t.Errorf("%d events say that it is terminated", got)
	}
	want := tables(t, whole)

	copied := treetest.Folder(t, map[string]string{
		"a/ec2.DescribeInstances_2.json": files["x/ec2.DescribeInstances_2.json"],
		"b/ec2.DescribeInstances_1.json": files["x/ec2.DescribeInstances_1.json"],
	})
	then := time.Now().Add(-90 * 24 * time.Hour)
	for _, name := range []string{"a/ec2.DescribeInstances_2.json", "b/ec2.DescribeInstances_1.json"} {
		if err := os.Chtimes(filepath.Join(copied, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	if again := ingest(t, whole, copied); again.Inserted != 0 {
		t.Errorf("a copy added %d events", again.Inserted)
	}
	same(t, "after a copy", want, tables(t, whole))
	if got := number(t, whole, "SELECT uniqExact(observed_at) FROM resource_events FINAL"); got != 1 {
		t.Errorf("%d times of observation", got)
	}
	apart := t.TempDir()
	ingest(t, apart, filepath.Join(copied, "a"))
	ingest(t, apart, filepath.Join(copied, "b"))
	same(t, "the later one first", want, tables(t, apart))
}

// TestIngestNamesWhatIsLeftOut: what becomes no event is named by kind with an example and
// a remedy, and the remedy works.
func TestIngestNamesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	input := treetest.Folder(t, map[string]string{
		"ec2.DescribeVolumes_1.json":      `{"Volumes":[{"VolumeId":"vol-0123456789abcdef0","State":"available"},{"VolumeId":"vol-0123456789abcdef1","State":"available"}]}`,
		"glue.GetJobs_1.json":             `{"Jobs":[]}`,
		"flows.log.gz":                    treetest.Gzip(t, "version account-id interface-id srcaddr\n2 111122223333 eni-1 10.0.0.1\n"),
		"control.json":                    `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`,
		"damaged/a.json":                  `{"Records":[{"eventVersion":"1.08"`,
		"damaged/ec2.DescribeVpcs_1.json": `[{"VpcId":"vpc-1"}]`,
	})
	data := t.TempDir()
	s, _ := ingestTo(t, 3, data, input) // a log ends in the middle
	if s.Failed != 2 || s.DLQ != 2 {
		t.Errorf("%d failed, %d in the dead-letter queue, want the two that are damaged: %v", s.Failed, s.DLQ, s.Reasons)
	}
	got := map[string]int{}
	for _, l := range s.LeftOut {
		got[l.Kind] = l.Count
		if l.Example == "" || l.Do == "" {
			t.Errorf("%s has no example or nothing to do: %+v", l.Kind, l)
		}
		if l.Kind == "no_place" && !strings.Contains(l.Do, "--account") {
			t.Errorf("no_place: %s", l.Do)
		}
	}
	for kind, n := range map[string]int{"no_place": 2, "not_covered glue:GetJobs": 1, "file: VPC flow logs": 1, "control message of CloudWatch Logs": 1} {
		if got[kind] != n {
			t.Errorf("%s: %d, want %d of %v", kind, got[kind], n, got)
		}
	}
	placed, _ := ingestTo(t, 3, data, input, "--account", "111122223333", "--region", "eu-west-1", "--at", "2026-03-01T10:00:00Z")
	if placed.Inserted != 2 || placed.Undated != 0 {
		t.Errorf("with an account, a region and a time: %+v", placed)
	}
	if got := number(t, data, "SELECT count() FROM resources_current WHERE arn LIKE 'arn:aws:ec2:eu-west-1:111122223333:volume/%' AND last_ts = '2026-03-01 10:00:00'"); got != 2 {
		t.Errorf("%d volumes", got)
	}
}
