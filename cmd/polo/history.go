package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxHistory bounds the statements that can be recalled.
const maxHistory = 1000

// history holds the typed statements, in a file that only its owner can read: one per line, the
// latest last. It is a term.History.
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
	err = f.Chmod(0o600) // an existing file may have other permissions
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

// maxEntry bounds a recorded statement, in bytes.
const maxEntry = 64 << 10

// remember adds a statement, joined into one line. It skips a statement with a comment to the end
// of a line, which would change its meaning on one line, and a very long one.
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

// Add implements term.History. It ignores single lines, because remember records whole statements.
func (*history) Add(string) {}

// Len implements term.History.
func (h *history) Len() int { return len(h.entries) }

// At implements term.History.
func (h *history) At(i int) string { return h.entries[len(h.entries)-1-i] }

// Close closes the file.
func (h *history) Close() error { return h.file.Close() }
