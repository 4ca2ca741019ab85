package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// typedKeys are typed keys, in pieces as a terminal gives them.
type typedKeys struct {
	pieces []string
	shown  bytes.Buffer
}

func (k *typedKeys) Read(p []byte) (int, error) {
	if len(k.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, k.pieces[0])
	if k.pieces[0] = k.pieces[0][n:]; k.pieces[0] == "" {
		k.pieces = k.pieces[1:]
	}
	return n, nil
}

func (k *typedKeys) Write(p []byte) (int, error) { return k.shown.Write(p) }

// typeAll types keys into a shell and returns the statements that it runs.
func typeAll(t *testing.T, path string, keys ...string) (ran []string) {
	t.Helper()
	h, err := openHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	k := &typedKeys{pieces: keys}
	err = newShell(k, h).serve(t.Context(), func(query string) error {
		ran = append(ran, query)
		return nil
	})
	if err := errors.Join(err, h.Close()); err != nil {
		t.Fatal(err)
	}
	return ran
}

func TestShell(t *testing.T) {
	t.Parallel()
	const up, ctrlC, ctrlD = "\x1b[A", "\x03", "\x04"
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("SELECT 'before';\n"), 0o644); err != nil { //nolint:gosec // too open, the test expects a change
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		keys, ran []string
	}{
		"one":                    {[]string{"SELECT 1;\r", "exit\r", "SELECT 2;\r"}, []string{"SELECT 1;"}},
		"of several lines":       {[]string{"SELECT 1\r", "+ 1\r;\r"}, []string{"SELECT 1\n+ 1\n;"}},
		"a semicolon in a text":  {[]string{"SELECT ';\r", "', \"a;\" -- b;\r", ";\r"}, []string{"SELECT ';\n', \"a;\" -- b;\n;"}},
		"taken back":             {[]string{"SELECT wrong\r", "more" + ctrlC, "SELECT 3;\r"}, []string{"SELECT 3;"}},
		"brought back":           {[]string{up + "\r"}, []string{"SELECT 'before';"}},
		"ended by Ctrl-D":        {[]string{"\r", ctrlD, "SELECT 4;\r"}, nil},
		"an end within a remark": {[]string{"SELECT 5 /* ;\r", "*/ ;\r"}, []string{"SELECT 5 /* ;\n*/ ;"}},
	} {
		copied := filepath.Join(t.TempDir(), name)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(copied, text, 0o644) //nolint:gosec // too open, the test expects a change
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.ran, typeAll(t, copied, c.keys...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others may read the history: %v, %v", name, info.Mode(), err)
		}
	}
}

// Statements are kept for the next time, each on one line, repeats once.
func TestHistoryIsKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	typeAll(t, path, "SELECT 1\r", "+ 1;\r", "SELECT 2;\r", "SELECT 2;\r", "SELECT 3 -- three\r", ";\r")
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "SELECT 1 + 1;\nSELECT 2;\n" {
		t.Errorf("kept are %q, %v", text, err)
	}
	if ran := typeAll(t, path, "\x1b[A\x1b[A\r"); len(ran) != 1 || ran[0] != "SELECT 1 + 1;" {
		t.Errorf("the one before the last is %q", ran)
	}
	long := strings.Repeat("x", maxEntry+1)
	typeAll(t, path, long+";\r")
	if text, err := os.ReadFile(path); err != nil || len(text) > maxEntry {
		t.Errorf("%d bytes are kept, %v", len(text), err)
	}
}
