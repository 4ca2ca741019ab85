package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"polo/producers/tree"
)

// reading is the progress of reading the inputs.
type reading struct {
	// known is the total number of bytes, read how many were read. opened counts the bytes of files
	// whose progress is unknown until they end.
	known, read, opened atomic.Int64
	// events counts the events made.
	events atomic.Int64
}

func (r *reading) know(bytes int64) { r.known.Add(bytes) }

// fileRead records that a file was read to its end.
func (r *reading) fileRead() { r.read.Add(r.opened.Swap(0)) }

// line returns the progress, for a person.
func (r *reading) line() string {
	known := r.known.Load()
	if known == 0 {
		return "inspecting the input"
	}
	// A file that is read twice counts twice.
	read := min(r.read.Load(), known)
	line := fmt.Sprintf("%d%% of %s read", 100*read/known, size(known))
	if n := r.events.Load(); n > 0 {
		line += fmt.Sprintf(", %d events", n)
	}
	return line
}

// size returns a number of bytes for a person.
func size(n int64) string {
	const unit = 1000
	value, prefix := float64(n), ""
	for _, next := range []string{"k", "M", "G", "T"} {
		if value < unit {
			break
		}
		value, prefix = value/unit, next
	}
	if prefix == "" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %sB", value, prefix)
}

// meteredTree is a tree that counts the bytes read. Its collectors do not close it, because each
// kind reads the same tree.
type meteredTree struct {
	tree.Tree
	now *reading
}

// Open implements tree.Tree.
func (c meteredTree) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	in, err := c.Tree.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	// A Parquet file on disk is read at random, through its *os.File.
	if f, ok := in.(*os.File); ok && isParquet(f) {
		if info, err := f.Stat(); err == nil {
			c.now.opened.Add(info.Size())
		}
		return in, nil
	}
	return meteredFile{in, c.now}, nil
}

func isParquet(f *os.File) bool {
	var magic [4]byte
	_, err := f.ReadAt(magic[:], 0)
	return err == nil && string(magic[:]) == "PAR1"
}

// Close implements tree.Tree, and closes nothing.
func (meteredTree) Close() error { return nil }

type meteredFile struct {
	io.ReadCloser
	now *reading
}

func (f meteredFile) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	f.now.read.Add(int64(n))
	return n, err
}
