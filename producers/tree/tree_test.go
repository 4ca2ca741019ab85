package tree_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/tree"
	"polo/producers/tree/treetest"
)

// A folder is listed in a fixed order, without hidden files. A dangling link does not keep
// its neighbours from being listed; opening it fails.
func TestListOfAFolder(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"a/b": "text", "a.c": "text", "a/.hidden/d": "text", "e": "text"})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	in, err := tree.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	sizes := func(prefix string) (names []string, sizes []int64) {
		objects, err := in.List(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			names, sizes = append(names, o.Name), append(sizes, o.Size)
		}
		return names, sizes
	}
	names, bytes := sizes("")
	if d := cmp.Diff([]string{"a.c", "a/b", "e", "link"}, names); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{4, 4, 4, 0}, bytes); d != "" {
		t.Error(d)
	}
	if names, _ := sizes("a/"); len(names) != 1 || names[0] != "a/b" {
		t.Errorf("below a/ is %v", names)
	}
	if _, err := in.Open(t.Context(), "link"); err == nil {
		t.Error("a link to nowhere is opened")
	}
}

// Special files and folders that cannot be listed are named, and their neighbours are
// listed. A folder behind a link is read.
func TestListOfSpecialFiles(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"a": "text", "z": "text"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "round")); err != nil {
		t.Fatal(err)
	}
	// A path that is too long cannot be listed by any user, root included.
	at, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		name := "deep" + strings.Repeat("x", 120)
		if err := at.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := at.OpenRoot(name)
		if err = errors.Join(err, at.Close()); err != nil {
			t.Fatal(err)
		}
		at = next
	}
	if err := at.Close(); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{dir, link} {
		in, err := tree.Open(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := in.List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, o := range objects {
			name := o.Name
			if strings.HasPrefix(name, "deep") && strings.HasSuffix(name, "/") {
				name = "deep"
			}
			got[name] = o.Unreadable
		}
		if d := cmp.Diff(map[string]string{
			"a": "", "z": "", "pipe": "a named pipe", "round": "a link to a folder, which is not followed", "deep": "the folder cannot be listed: file name too long",
		}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	if _, err := tree.Open(t.Context(), filepath.Join(dir, "pipe")); !errors.Is(err, tree.ErrNoInput) {
		t.Errorf("a pipe as input: %v", err)
	}
}

// Several members are one text. Zeros after the last are accepted, anything else is damage.
func TestGunzip(t *testing.T) {
	t.Parallel()
	member := func(text string) string { return treetest.Gzip(t, text) }
	for name, tc := range map[string]struct {
		packed, want string
		whole        bool
	}{
		"one":                  {member("text"), "text", true},
		"several, one empty":   {member("te") + member("") + member("xt"), "text", true},
		"zeros after":          {member("te") + member("xt") + strings.Repeat("\x00", 5000), "text", true},
		"zeros between":        {member("te") + "\x00\x00" + member("xt"), "text", true},
		"something else after": {member("text") + "no", "text", false},
		"cut":                  {member("text")[:20], "", false},
	} {
		z, err := tree.Gunzip(bufio.NewReader(strings.NewReader(tc.packed)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if !strings.HasPrefix(string(got), tc.want) || (err == nil) != tc.whole {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
