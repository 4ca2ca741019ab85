package integration_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"polo/producers/tree/treetest"
)

// oneBill is a CUR of one line of a dollar.
const oneBill = "identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId," +
	"lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,lineItem/UnblendedCost\n" +
	"l1,2026-03-01T00:00:00Z/2026-03-01T01:00:00Z,000011112222,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,000011113333," +
	"Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,USD,1\n"

const oneAnswer = `{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-0abcdef0123456789","State":{"Name":"running"},"Placement":{"AvailabilityZone":"eu-west-1a"}}]}]}`

// strays returns files that nothing reads.
func strays(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"README.md": "notes beside a bill", "_SUCCESS": "", ".bill.csv.crc": "crc\x00\x00\x00\x02\x00", "accounts.csv": "id,name\n1,x\n",
		"error.html": "<html></html>", "package.json": `{"name":"x"}`, "old.tar.gz": treetest.Gzip(t, "x\x00"), "cut.json": `{"name":`,
		"digest.json": `{"digestStartTime":"2026-03-01T09:00:00Z","digestS3Bucket":"b","logFiles":[]}`, "list.json": "[1]", "picture.png": "\x89PNG\x00", "dump.sql.gz": "\x1f\x8b\x08garbage",
	}
}

// TestIngestSkipsStrays puts files that nothing reads beside each kind that is read,
// and beside all: the rest is ingested, and the strays are named and counted.
func TestIngestSkipsStrays(t *testing.T) {
	t.Parallel()
	kinds := map[string]map[string]string{
		"bills":    {"bill.csv": oneBill},
		"recorded": {"ec2.DescribeInstances_1.json": oneAnswer},
		"logs":     {"trail.json": `{"Records":[` + apiCall("s-1", "null") + `]}`},
		"all":      {},
	}
	for _, name := range []string{"bills", "recorded", "logs"} {
		for file, text := range kinds[name] {
			kinds["all"]["deep/"+file] = text
		}
	}
	for name, files := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := int64(len(files))
			others := strays(t)
			for file, text := range others {
				files[file] = text
			}
			input := treetest.Folder(t, files)
			if err := syscall.Mkfifo(filepath.Join(input, "pipe.csv"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(input, "nowhere"), filepath.Join(input, "gone.json")); err != nil {
				t.Fatal(err)
			}
			deepFolder(t, input)
			data := t.TempDir()
			// A folder that cannot be listed, or a file that cannot be unpacked, makes the exit code 3.
			s, says := ingestTo(t, 3, data, input)
			if !strings.Contains(says, "3 files or folders") || !strings.Contains(says, "dump.sql.gz") || !strings.Contains(says, "gone.json") || !strings.Contains(says, "deeper") {
				t.Errorf("the output is %s", says)
			}
			if s.Failed != 0 || s.DLQ != 0 {
				t.Errorf("%d failed, %d in the dead-letter queue: %v", s.Failed, s.DLQ, s.Reasons)
			}
			if got := number(t, data, "SELECT count() FROM resource_events FINAL WHERE event_type IN ('cost.accrued', 'resource.snapshot', 'activity.api_call')"); got != events {
				t.Errorf("%d events, want %d", got, events)
			}
			others["pipe.csv"], others["gone.json"], others["deeper"] = "", "", ""
			for file := range others {
				if !slices.ContainsFunc(s.SkippedFiles, func(f string) bool { return strings.HasPrefix(f, file) && strings.HasSuffix(f, ")") }) {
					t.Errorf("%s is not named: %q", file, s.SkippedFiles)
				}
			}
			if s.Skipped != len(others) || len(s.SkippedFiles) != len(others) {
				t.Errorf("%d files passed over, %d named, want %d: %q", s.Skipped, len(s.SkippedFiles), len(others), s.SkippedFiles)
			}
			if name == "bills" || name == "all" {
				// The folder that cannot be listed may hold another part of the bill.
				if got := number(t, data, "SELECT count() FROM resource_events FINAL WHERE event_type = 'scan.completed'"); got != 0 {
					t.Errorf("%d completions of a bill that may have more files", got)
				}
			}
		})
	}
}

// deepFolder creates a folder whose path is too long to be listed by any user.
func deepFolder(t *testing.T, dir string) {
	t.Helper()
	at, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = at.Close() }()
	for range 40 {
		name := "deeper" + strings.Repeat("x", 120)
		if err := at.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := at.OpenRoot(name)
		if err != nil {
			t.Fatal(err)
		}
		_ = at.Close()
		at = next
	}
}

// TestIngestOfNothing: an input without anything readable is an error that names it.
func TestIngestOfNothing(t *testing.T) {
	t.Parallel()
	cmd := command(t.Context(), t, "ingest", "--data", t.TempDir(), "--input", treetest.Folder(t, strays(t)), "--json")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("polo ingest of strays: %v\n%s", err, stderr.String())
	}
	if text := stderr.String(); !strings.Contains(text, "12 files") || !strings.Contains(text, "crc") {
		t.Errorf("the error does not name what was passed over: %s", text)
	}
}
