package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// textTable prints rows in columns for a person.
type textTable struct {
	w   table.Writer
	out io.Writer
}

func newTable(out io.Writer, header ...string) *textTable {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	row := make(table.Row, len(header))
	for i, h := range header {
		row[i] = h
	}
	w.AppendHeader(row)
	return &textTable{w: w, out: out}
}

func (t *textTable) row(cells ...string) {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	t.w.AppendRow(row)
}

func (t *textTable) flush() error {
	_, err := fmt.Fprintln(t.out, t.w.Render())
	return err
}

// progress is one line that is written over, on a terminal only.
type progress struct {
	mu   sync.Mutex
	out  io.Writer
	last time.Time
	used bool
}

func newProgress(e *env) *progress {
	if !e.terminal {
		return &progress{}
	}
	return &progress{out: e.stderr}
}

// show replaces the line, at most ten times a second. What cannot be written is
// not worth stopping for.
func (p *progress) show(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.used = time.Now(), true
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", text)
}

// stop clears the line. It may be called twice.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil && p.used {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.out = nil
}
