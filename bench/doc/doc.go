// Package doc writes measurements into documents.
package doc

import (
	"fmt"
	"os"
	"strings"
)

func marks(name string) (begin, end string) {
	return "<!-- " + name + ": begin -->\n", "<!-- " + name + ": end -->\n"
}

// Replace rewrites the named part of a document.
func Replace(path, name, part string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, _, tail, err := Cut(string(text), name)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	begin, end := marks(name)
	return os.WriteFile(path, []byte(head+begin+part+end+tail), 0o644)
}

// Cut splits a document at the named part.
func Cut(text, name string) (head, part, tail string, err error) {
	begin, end := marks(name)
	head, rest, found := strings.Cut(text, begin)
	part, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", "", "", fmt.Errorf("nothing between %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return head, part, tail, nil
}
