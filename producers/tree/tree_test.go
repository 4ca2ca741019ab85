package tree_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/tree"
)

// A folder is listed in one order, whatever folders are in it; what is hidden is left out,
// and a link to nowhere keeps nobody from its neighbours: opening it tells.
func TestListOfAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a/b", "a.c", "a/.hidden/d", "e"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
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
