package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"polo/internal/cli"
)

func TestCommandOf(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("tool-%d", time.Now().UnixNano())
	if got := cli.CommandOf(name); got != name {
		t.Errorf("%q, want the name alone where there is no such program", got)
	}
	path := filepath.Join(filepath.Dir(self), name)
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Remove(path) }()
	if got := cli.CommandOf(name); got != path {
		t.Errorf("%q, want the one beside this program, %q", got, path)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"/a/b-c.d": "/a/b-c.d", "": "''", "my data": "'my data'", "it's": `'it'\''s'`} {
		if got := cli.Quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
