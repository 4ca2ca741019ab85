package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"

	"github.com/itchyny/gojq"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

// change returns the changer that the flags describe.
func (c *editCmd) change(ctx context.Context, e *env) (changer, error) {
	if c.Expr == "" {
		editor := os.Getenv("EDITOR")
		if editor == "" {
			return nil, cli.Usage("give --expr, or set EDITOR")
		}
		return func(l *replay.Letter, line []byte) ([]byte, error) { return openEditor(ctx, e, editor, l, line) }, nil
	}
	query, err := gojq.Parse(c.Expr)
	if err != nil {
		return nil, cli.Usage("--expr: %w", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, cli.Usage("--expr: %w", err)
	}
	return func(_ *replay.Letter, line []byte) ([]byte, error) {
		var v any
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber() // keeps amounts exact
		if err := dec.Decode(&v); err != nil {
			return nil, errors.New("it is not JSON: an editor can correct it (--id)")
		}
		results := code.RunWithContext(ctx, v)
		out, ok := results.Next()
		if !ok {
			return nil, errors.New("the expression has no result")
		}
		if err, failed := out.(error); failed {
			return nil, fmt.Errorf("the expression: %w", err)
		}
		if _, more := results.Next(); more {
			return nil, errors.New("the expression has more than one result")
		}
		return gojq.Marshal(out)
	}, nil
}

// openEditor opens an event in the person's editor, below what is wrong with it.
func openEditor(ctx context.Context, e *env, editor string, l *replay.Letter, line []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "dlq-replay-")
	if err != nil {
		return nil, fmt.Errorf("making a file to edit: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "event.json")
	text, err := canonical(line)
	if err != nil {
		text = line
	}
	note := fmt.Sprintf("# %s: %s\n# Lines that begin with # are ignored.\n", l.Reason(), strings.ReplaceAll(l.Failure.Err, "\n", " "))
	text = append(append([]byte(note), text...), '\n')
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("making a file to edit: %w", err)
	}
	words := strings.Fields(editor)
	cmd := osexec.CommandContext(ctx, words[0], append(words[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.Stdin, e.Raw, e.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running %s: %w", words[0], err)
	}
	edited, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the edited file: %w", err)
	}
	var kept []byte
	for line := range bytes.Lines(edited) {
		if !bytes.HasPrefix(line, []byte("#")) {
			kept = append(kept, line...)
		}
	}
	var one bytes.Buffer
	if err := json.Compact(&one, kept); err != nil {
		return nil, fmt.Errorf("the edited text is not JSON: %w", err)
	}
	return one.Bytes(), nil
}
