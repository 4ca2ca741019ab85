package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"polo/local/stack"
)

// dataDir is a data directory as it was asked for.
type dataDir string

// valid refuses an empty one, which would mean the current folder.
func (d dataDir) valid() error {
	if strings.TrimSpace(string(d)) == "" {
		return errors.New("--data is empty: give a folder, such as --data .polo")
	}
	return nil
}

// mustHold refuses a directory without data, so that a typing error makes no
// new one.
func (d dataDir) mustHold() error {
	holds, err := stack.Holds(string(d))
	if err != nil {
		return err
	}
	if !holds {
		return fmt.Errorf("%s holds no Polo data: bring some in with polo ingest --input PATH%s, or name another --data", d, d.flag())
	}
	return nil
}

// flag is the option that names the directory, with a space before it; nothing
// for the default.
func (d dataDir) flag() string {
	if d == ".polo" {
		return ""
	}
	return " --data " + quoteArg(string(d))
}

// with calls fn with the stack on d: another process's, or one that runs as long
// as fn and others that use it meanwhile.
func (d dataDir) with(ctx context.Context, e *env, command string, fn func(stack.Endpoints) error) (err error) {
	s, err := stack.Open(ctx, stack.Options{Dir: string(d), Command: command, Logger: e.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return errors.Join(fn(s.Endpoints), s.AwaitOthers(ctx, nil))
}

// commandOf is how the program of a name is called: from where this one is, if it
// is there, as this one was called.
func commandOf(name string) string {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return quoteArg(filepath.Join(called(self), name))
		}
	}
	return name
}

// called is the folder of this program, from the current one where it lies below
// that.
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

// quoteArg is s as a shell takes it.
func quoteArg(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%,=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
