package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each file of a folder goes to the reader of its kind, whatever its name; what is of no
// kind goes to the reader of logs.
func TestFilesAreSortedByKind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"log.json":                            `{"Records":[{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com"}]}`,
		"event":                               `{"detail-type":"EC2 Instance State-change Notification","source":"aws.ec2"}`,
		"cloudtrail.lookup-events_1.json":     `{"Events":[]}`,
		"cloudtrail.GetEventSelectors_1.json": `{"status_code":200,"data":{"TrailARN":"x"}}`,
		"bill.txt":                            "identity/LineItemId,lineItem/UsageStartDate,lineItem/UnblendedCost\n",
		"focus.csv":                           "\ufeffBilledCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart\n",
		"ec2.DescribeInstances_1.json":        `{"status_code":200,"data":{"Reservations":[]}}`,
		"costs.json":                          `{"ResultsByTime":[]}`,
		"notes.md":                            "hello",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := (&ingestCmd{Input: dir, Source: "auto"}).sort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		kindCloudTrail: {"cloudtrail.lookup-events_1.json", "event", "log.json", "notes.md"},
		kindBill:       {"bill.txt", "focus.csv"},
		kindRecorded:   {"cloudtrail.GetEventSelectors_1.json", "costs.json", "ec2.DescribeInstances_1.json"},
	}
	if diff := cmp.Diff(want, got.names); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if _, err := (&ingestCmd{Input: filepath.Join(dir, "nobody"), Source: "auto"}).sort(t.Context()); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("an input that is not there: %v", err)
	}
}
