package cloudwatch_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/producers/cloudwatch"
	"polo/producers/recording"
)

// TestRealRecordings reads every real recording of CloudWatch: values become samples, and any
// other answer is a typed error.
func TestRealRecordings(t *testing.T) {
	t.Parallel()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	if _, err := os.Stat(root); err != nil {
		t.Fatalf("POLO_REAL_DATA is set, but: %v", err)
	}
	read, empty, samples := 0, 0, 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		base := filepath.Base(path)
		if err != nil || entry.IsDir() || !strings.HasPrefix(base, "monitoring.") && !strings.HasPrefix(base, "cloudwatch.") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		got, err := cloudwatch.NormaliseRecording(data, cloudwatch.Recording{Name: base, ObservedAt: observed})
		name := strings.ToLower(strings.ReplaceAll(base, "-", ""))
		isSamples := strings.Contains(name, "getmetricdata") || strings.Contains(name, "getmetricstatistics")
		switch {
		case isSamples && errors.Is(err, cloudwatch.ErrNoValues):
			// An answer without a value gives ErrNoValues.
			if strings.Contains(string(data), "__class__") || strings.Contains(string(data), `"Timestamp"`) {
				t.Errorf("%s has values, but: %v", path, err)
			}
			empty++
		case isSamples && (err != nil || len(got.Rejected) > 0):
			t.Errorf("%s: rejected %+v, %v", path, got.Rejected, err)
		case isSamples:
			samples += len(got.Events)
		default:
			var e *recording.Error
			if !errors.As(err, &e) {
				t.Errorf("%s: %d samples and %v", path, len(got.Events), err)
			}
		}
		return nil
	})
	if err != nil || read == 0 {
		t.Fatalf("%d files read: %v", read, err)
	}
	t.Logf("%d files, %d without values, %d samples", read, empty, samples)
}
