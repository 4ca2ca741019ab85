package cli

import (
	"os"
	"path/filepath"
	"strings"
)

// CommandOf returns how to call the program with this name: from the folder of this program, if it
// is there, in the way this program was called.
func CommandOf(name string) string {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return Quote(filepath.Join(called(self), name))
		}
	}
	return name
}

// called returns the folder of this program, relative to the current folder if it is below it.
func called(self string) string {
	dir := filepath.Dir(self)
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, dir); err == nil && filepath.IsLocal(rel) {
			if rel == "." {
				return dir
			}
			return rel
		}
	}
	return dir
}

// Quote quotes s for a shell.
func Quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%,=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
