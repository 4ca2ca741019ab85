package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
)

type importCmd struct {
	File    string `arg:"" help:"What export or purge wrote." predictor:"file"`
	Apply   bool   `help:"Do it; without, only say what would be done."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// Help is shown by --help.
func (importCmd) Help() string {
	return `Puts letters of a file into the dead-letter queue, as they were. The whole file is checked before the first is sent.

Examples:

  dlq-replay import letters.ndjson           how many there are, and whether the file is whole
  dlq-replay import letters.ndjson --apply`
}

// importBatch is how many letters are sent before more are read.
const importBatch = 1000

// Run imports.
func (c *importCmd) Run(ctx context.Context, e *env) error {
	n := 0
	err := load(c.File, func(x exported) error {
		n++
		m, err := x.outgoing()
		if err == nil {
			err = m.Check(maxLetter)
		}
		if err != nil {
			return fmt.Errorf("letter %s: %w", x.ID, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !c.Apply {
		return e.say(outcome{Action: "import", Letters: n}, "%d letters would be put into the dead-letter queue. Nothing was done: add --apply.\n", n)
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return err
	}
	act := replay.Act{Type: replay.TypeImported, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName}
	if err := act.Do(ctx, o.main, func(a *replay.Act) error { return c.send(ctx, o, a) }); err != nil {
		return fmt.Errorf("importing letters (%d of %d are in): %w", act.Letters, n, err)
	}
	return e.say(outcome{Action: "import", Letters: n, Applied: true}, "%d letters put into %s\n", n, o.dlqName)
}

// send sends the file's letters, and counts those acknowledged.
func (c *importCmd) send(ctx context.Context, o *opened, a *replay.Act) error {
	var out []queue.Outgoing
	flush := func() error {
		err := queue.SendAll(ctx, o.dlq, out, queue.Retry{})
		if err == nil {
			a.Letters += int64(len(out))
		}
		out = out[:0]
		return err
	}
	err := load(c.File, func(x exported) error {
		m, err := x.outgoing()
		if err != nil {
			return err
		}
		if out = append(out, m); len(out) == importBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
