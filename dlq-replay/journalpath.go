package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// journalPath returns the path of the queue's journal. A local stack keeps its own; for other
// queues the path includes more than their names.
func (s sending) journalPath(o *opened) (string, error) {
	if s.Journal != "" {
		return s.Journal, nil
	}
	if o.data != "" {
		return filepath.Join(o.data, o.dlqName+".journal"), nil
	}
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding a folder for the journal (--journal names a file): %w", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "polo", "dlq-replay", o.dlqName+"-"+o.key()+".journal"), nil
}
