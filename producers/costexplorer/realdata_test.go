package costexplorer_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/producers/costexplorer"
	"polo/producers/recording"
)

// realData returns the folder of real files that POLO_REAL_DATA names. If unset, the test is
// skipped; if the folder is missing, it fails.
func realData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	if _, err := os.Stat(root); err != nil {
		t.Fatalf("POLO_REAL_DATA is set, but: %v", err)
	}
	return root
}

// recorded reads one file, under its own name.
func recorded(t *testing.T, path string) (costexplorer.Recorded, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return costexplorer.NormaliseRecording(data, costexplorer.Recording{Name: filepath.Base(path), Payer: payer, ObservedAt: observed})
}

// TestFebruary sums a month of 29 days by service. The API gives amounts of up to 10 decimals,
// and neither they nor the sum are rounded. To four decimals the sum is 16.4911.
func TestFebruary(t *testing.T) {
	t.Parallel()
	got, err := recorded(t, filepath.Join(realData(t), "cost", "cost_explorer", "get_cost_and_usage_daily_by_service_2024-02-01_2024-03-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	if n, total := len(got.Events), sum(got.Events).String(); n != 295 || total != "16.4910808573" || len(got.Spans) != 29 || len(got.Rejected) != 0 {
		t.Errorf("%d groups of %d days with a sum of %s, %d rejected", n, len(got.Spans), total, len(got.Rejected))
	}
	if got.Granularity != "DAILY" || len(got.GroupBy) != 1 || got.GroupBy[0].String() != "SERVICE" {
		t.Errorf("read as %s by %v", got.Granularity, got.GroupBy)
	}
	for _, e := range got.Events {
		if e.Service == "" || e.Properties.Get("estimated") != "false" {
			t.Errorf("%+v", e)
		}
	}
}

// TestRecordings reads every real recording of Cost Explorer: costs become lines, and any other
// answer is a typed error.
func TestRecordings(t *testing.T) {
	t.Parallel()
	root := realData(t)
	read := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		base := filepath.Base(path)
		if err != nil || entry.IsDir() || !strings.HasPrefix(base, "ce.") && filepath.Base(filepath.Dir(path)) != "cost_explorer" {
			return err
		}
		read++
		got, err := recorded(t, path)
		name := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(base))
		switch isCosts := strings.Contains(name, "getcostandusage") && !strings.Contains(name, "comparison"); {
		case isCosts && err != nil:
			t.Errorf("%s: %v", base, err)
		case isCosts && len(got.Rejected) > 0:
			t.Errorf("%s: %d lines, rejected %+v", base, len(got.Events), got.Rejected)
		case isCosts:
			t.Logf("%s: %d lines, %s, by %v, sum %s", base, len(got.Events), got.Granularity, got.GroupBy, sum(got.Events))
		default:
			var e *recording.Error
			if !errors.As(err, &e) {
				t.Errorf("%s: %d lines and %v", base, len(got.Events), err)
			}
		}
		return nil
	})
	if err != nil || read == 0 {
		t.Fatalf("%d files read: %v", read, err)
	}
}
