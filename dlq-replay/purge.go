package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
)

type purgeCmd struct {
	filters
	All     bool   `help:"Every letter there is, where no other filter is given."`
	Backup  string `required:"" help:"A new file for what is deleted." placeholder:"FILE" predictor:"file"`
	Apply   bool   `help:"Do it; without, only say what would be done."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// Help is shown by --help.
func (purgeCmd) Help() string {
	return `Writes letters to a new file, reads that back, and deletes exactly what is in it. "import" puts them back.

Examples:

  dlq-replay purge --reason malformed_pack --backup gone.ndjson            what would go
  dlq-replay purge --reason malformed_pack --backup gone.ndjson --apply
  dlq-replay import gone.ndjson --apply                                    put them back`
}

// Run purges.
func (c *purgeCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	if filter.Empty() && !c.All {
		return exitError{exitUsage, errors.New("which letters? give a filter, or --all for every one")}
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	if !c.Apply {
		found, err := find(ctx, o, filter, 0)
		if err != nil {
			return err
		}
		return e.say(outcome{Action: "purge", Letters: len(found), Backup: c.Backup},
			"%d letters would be written to %s and deleted. Nothing was done: add --apply.\n", len(found), c.Backup)
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return err
	}
	r := o.reader()
	ids, err := c.backup(ctx, r, filter)
	if err == nil && len(ids) == 0 {
		err = errors.Join(errors.New("no letter matches: nothing was deleted"), os.Remove(c.Backup))
	}
	if err != nil {
		return errors.Join(err, r.GiveBack(ctx))
	}
	act := replay.Act{
		Type: replay.TypePurged, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Filter: filter,
		Letters: int64(len(ids)), Backup: c.Backup,
	}
	err = act.Do(ctx, o.main, func(*replay.Act) error { return r.Delete(ctx, ids) })
	if err = errors.Join(err, r.GiveBack(ctx)); err != nil {
		return err
	}
	return e.say(outcome{Action: "purge", Letters: len(ids), Applied: true, Backup: c.Backup},
		"%d letters deleted; they are in %s (dlq-replay import puts them back)\n", len(ids), c.Backup)
}

// backup writes the letters and tells the ids of those that it finds there when it
// reads the file again.
func (c *purgeCmd) backup(ctx context.Context, r *replay.Reader, filter replay.Filter) ([]string, error) {
	if _, err := save(ctx, r, filter, c.Backup); err != nil {
		return nil, err
	}
	var ids []string
	err := load(c.Backup, func(x exported) error {
		ids = append(ids, x.ID)
		return nil
	})
	return ids, err
}
