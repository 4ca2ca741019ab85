package tree_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/producers/tree"
)

// A bucket without a region is refused with the remedy, before any request; each remedy helps.
func TestBucketWithoutRegion(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(shared, []byte("[profile near]\nregion = eu-west-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		input string
		env   map[string]string
		ok    bool
	}{
		"none":        {"s3://bucket/prefix", nil, false},
		"a variable":  {"s3://bucket/prefix", map[string]string{"AWS_REGION": "eu-west-1"}, true},
		"a profile":   {"s3://bucket/prefix", map[string]string{"AWS_PROFILE": "near"}, true},
		"in the URL":  {"s3://bucket/prefix?region=eu-west-1", nil, true},
		"its profile": {"s3://bucket/prefix?profile=near", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
				t.Setenv(variable, c.env[variable])
			}
			t.Setenv("AWS_CONFIG_FILE", shared)
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
			in, err := tree.Open(t.Context(), c.input)
			if c.ok {
				if err != nil {
					t.Fatal(err)
				}
				_ = in.Close()
				return
			}
			if err == nil {
				t.Fatal("it is opened")
			}
			for _, want := range []string{"s3://bucket/prefix", "no AWS region", "AWS_REGION", "AWS_PROFILE", "?region="} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}
