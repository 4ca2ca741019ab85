package main

import (
	"io"
	"strings"
	"testing"

	"polo/producers/tree"
	"polo/producers/tree/treetest"
)

// The progress of reading is in bytes, whatever is read twice.
func TestReadingReportsProgress(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"a.json": strings.Repeat("a", 3000), "b.csv": "PAR1" + strings.Repeat("b", 996)})
	in, err := tree.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{}
	if got := r.line(); got != "inspecting the input" {
		t.Errorf("before it is known: %q", got)
	}
	r.know(4000)
	files := meteredTree{in, r}
	for _, c := range []struct{ name, want string }{
		{"a.json", "75% of 4.0 kB read"}, {"b.csv", "75% of 4.0 kB read"},
	} {
		f, err := files.Open(t.Context(), c.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got := r.line(); got != c.want {
			t.Errorf("%s is read: %q, want %q", c.name, got, c.want)
		}
	}
	r.fileRead()
	if got := r.line(); got != "100% of 4.0 kB read" {
		t.Errorf("both are read: %q", got)
	}
	r.read.Add(3000) // one file is read again
	r.events.Add(7)
	if got := r.line(); got != "100% of 4.0 kB read, 7 events" {
		t.Errorf("%q", got)
	}
}

// A program's input files open as files if their reader needs that.
func TestParquetStaysAFile(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"p": "PAR1....PAR1", "c": "id,x\n"})
	in, err := tree.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, whole := range map[string]bool{"p": true, "c": false} {
		f, err := meteredTree{in, &reading{}}.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, is := f.(io.ReaderAt); is != whole {
			t.Errorf("%s can be read anywhere: %v", name, is)
		}
		_ = f.Close()
	}
}
