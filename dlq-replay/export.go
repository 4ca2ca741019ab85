package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"polo/dlq-replay/replay"
)

type exportCmd struct {
	filters
	Out string `required:"" help:"A new file; - for standard output." placeholder:"FILE" predictor:"file"`
}

// Help is shown by --help.
func (exportCmd) Help() string {
	return `Writes letters unchanged, one JSON object per line: id, attributes (the reason among them) and body. They stay
in the queue. Nothing is redacted: a letter from before redaction is written with its secrets.

Examples:

  dlq-replay export --out letters.ndjson
  dlq-replay export --reason refused_event --since 2d --out -`
}

func (c *exportCmd) do(ctx context.Context, e *env) (result, error) {
	filter, o, err := c.open(ctx, e)
	if err != nil {
		return nil, err
	}
	r := o.reader()
	n := 0
	if c.Out == "-" {
		n, err = copyOut(ctx, r, filter, e.Raw)
	} else {
		n, err = save(ctx, r, filter, c.Out)
	}
	if err = errors.Join(err, r.GiveBack(ctx)); err != nil {
		return nil, err
	}
	// The output may be standard output.
	return nil, e.note("%d letters written to %s; they are still in the queue", n, c.Out)
}

// copyOut writes the matching letters, holds them, and returns how many there are.
func copyOut(ctx context.Context, r *replay.Reader, f replay.Filter, w io.Writer) (int, error) {
	match := f.Matcher()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	var mu sync.Mutex
	n := 0
	err := r.Read(ctx, func(l replay.Letter) error {
		if !match(&l) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if err := enc.Encode(exportedOf(l.Message)); err != nil {
			return fmt.Errorf("writing letters: %w", err)
		}
		n++
		return nil
	})
	return n, err
}

// save is copyOut into a new file, which is synced to disk when save returns. It removes the file
// after an error, including a queue that could not be read to its end.
func save(ctx context.Context, r *replay.Reader, filter replay.Filter, path string) (int, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("creating the file (an existing one is not overwritten): %w", err)
	}
	w := bufio.NewWriter(f)
	n, err := copyOut(ctx, r, filter, w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(path))
	}
	return n, nil
}
