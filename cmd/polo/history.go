package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxHistory is how many statements can be brought back.
const maxHistory = 1000

// history are the statements that were typed, in a file that its owner alone may read: one a line,
// the latest last. It is a term.History.
type history struct {
	file    *os.File
	entries []string
}

func openHistory(path string) (*history, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the history of statements: %w", err)
	}
	h := &history{file: f}
	err = f.Chmod(0o600) // it may be there from elsewhere
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		h.keep(lines.Text())
	}
	if err := errors.Join(err, lines.Err()); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the history of statements: %w", err), f.Close())
	}
	return h, nil
}

func (h *history) keep(entry string) {
	if h.entries = append(h.entries, entry); len(h.entries) > maxHistory {
		h.entries = h.entries[1:]
	}
}

// maxEntry is how long a statement may be that is kept, in bytes.
const maxEntry = 64 << 10

// remember adds a statement, on one line. One with a comment to the end of a line would not be the
// same on one, and is not kept, nor is a very long one.
func (h *history) remember(query string) error {
	if len(query) > maxEntry || strings.Contains(query, "\n") && strings.Contains(query, "--") {
		return nil
	}
	entry := strings.Join(strings.Split(query, "\n"), " ")
	if n := len(h.entries); n > 0 && h.entries[n-1] == entry {
		return nil
	}
	h.keep(entry)
	if _, err := h.file.WriteString(entry + "\n"); err != nil {
		return fmt.Errorf("writing the history of statements: %w", err)
	}
	return nil
}

// Add implements term.History. It is told of lines; statements are remembered whole.
func (*history) Add(string) {}

// Len implements term.History.
func (h *history) Len() int { return len(h.entries) }

// At implements term.History.
func (h *history) At(i int) string { return h.entries[len(h.entries)-1-i] }

// Close closes the file.
func (h *history) Close() error { return h.file.Close() }
