// Package exchangetest reads the real recordings that tests find in the folder POLO_REAL_DATA.
package exchangetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"polo/producers/exchange"
)

// File is a recording.
type File struct {
	// Path is below POLO_REAL_DATA, with slashes.
	Path      string
	Text      []byte
	Exchanges []exchange.Exchange
}

// Real returns the recordings below a folder of POLO_REAL_DATA. It skips the test if that is not set, and fails
// it if a file is missing or is no recording.
func Real(t *testing.T, folder string) (all []File) {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real recordings")
	}
	in := os.DirFS(root)
	err := fs.WalkDir(in, folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := fs.ReadFile(in, path)
		if err != nil {
			return err
		}
		exchanges, err := exchange.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		all = append(all, File{path, text, exchanges})
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d recordings in %s: %v", len(all), folder, err)
	}
	return all
}
