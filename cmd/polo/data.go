package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"polo/internal/cli"
	"polo/local/stack"
)

// dataDir is a data directory as given by the user.
type dataDir string

// valid refuses an empty data directory, which would mean the current folder.
func (d dataDir) valid() error {
	if strings.TrimSpace(string(d)) == "" {
		return errors.New("--data is empty, or POLO_DATA: give a folder, such as --data .polo")
	}
	return nil
}

// mustHold refuses a directory without data, so that a typing error creates none.
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

// flag returns the option that names the directory, after a space. It is empty for the default
// directory if the environment names no other.
func (d dataDir) flag() string {
	if d == ".polo" && os.Getenv("POLO_DATA") == "" {
		return ""
	}
	return " --data " + cli.Quote(string(d))
}

// with calls fn with the stack on d: another process's stack, or one that runs until fn and other
// users of it have ended.
func (d dataDir) with(ctx context.Context, e *env, command string, fn func(stack.Endpoints) error) (err error) {
	s, err := stack.Open(ctx, stack.Options{Dir: string(d), Command: command, Logger: e.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return errors.Join(fn(s.Endpoints), s.AwaitOthers(ctx, nil))
}
