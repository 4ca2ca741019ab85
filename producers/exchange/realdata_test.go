package exchange_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"polo/producers/exchange"
)

// Every recorded answer that there is parses, is known by its beginning, and has nothing of who asked.
func TestRealRecordings(t *testing.T) {
	t.Parallel()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	credential := regexp.MustCompile(`(?i)authorization:|x-auth-key|dd-api-key|api_key=[^*]|cookie`)
	for folder, least := range map[string]int{"github/rest_recordings": 40, "cloudflare": 15, "datadog": 30, "github/webhooks": 80, "github/billing": 2} {
		requests := 0
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(folder)), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all, err := exchange.Parse(data)
			if err != nil || len(all) == 0 {
				t.Errorf("%s: %d exchanges, %v", d.Name(), len(all), err)
			}
			for _, e := range all {
				requests++
				if (e.Method != "") != exchange.Sniff(data[:min(len(data), 64<<10)]) || (e.Method != "") != (e.URL != nil) || e.Status == 0 {
					t.Errorf("%s: %s %v %d", d.Name(), e.Method, e.URL, e.Status)
				}
				if text := fmt.Sprint(e.URL, e.Header, string(e.RequestBody)); credential.MatchString(text) {
					t.Errorf("%s: %s", d.Name(), text)
				}
				if folder == "github/rest_recordings" && e.At.IsZero() {
					t.Errorf("%s has no time", d.Name())
				}
			}
			return nil
		})
		if err != nil || requests < least {
			t.Errorf("%s: %d exchanges, %v", folder, requests, err)
		}
	}
}
