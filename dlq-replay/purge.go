package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

type purgeCmd struct {
	filters
	All     bool   `help:"Every letter, if no other filter is given."`
	Backup  string `required:"" help:"A new file for the deleted letters." placeholder:"FILE" predictor:"file"`
	Apply   bool   `help:"Apply; without, only print what would be done."`
	Confirm string `help:"The dead-letter queue's name; required for a queue that is not on this machine." placeholder:"QUEUE"`
}

// Help is shown by --help.
func (purgeCmd) Help() string {
	return `Writes letters to a new file, reads it back, and deletes exactly the letters in it. "import" puts them back. A letter
that import could not put back, because the queue would refuse it, stays: exit code 3.

Examples:

  dlq-replay purge --reason malformed_pack --backup gone.ndjson            what would go
  dlq-replay purge --reason malformed_pack --backup gone.ndjson --apply
  dlq-replay import gone.ndjson --apply                                    put them back`
}

// interrupted says how to continue.
func (c *purgeCmd) interrupted() string {
	if !c.Apply {
		return "nothing was changed"
	}
	return "deleted letters are in the backup, if there is one; the others are still in the queue; the same command continues with another --backup"
}

func (c *purgeCmd) do(ctx context.Context, e *env) (result, error) {
	filter, err := c.filter(time.Now())
	if err != nil {
		return nil, err
	}
	if filter.Empty() && !c.All {
		return nil, cli.Usage("which letters? give a filter, or --all for every one")
	}
	o, err := e.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	if !c.Apply {
		return c.dry(ctx, o, filter)
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return nil, err
	}
	return c.apply(ctx, e, o, filter)
}

func (c *purgeCmd) dry(ctx context.Context, o *opened, filter replay.Filter) (result, error) {
	found, err := find(ctx, o, filter, 0)
	if err != nil {
		return nil, err
	}
	return outcome{
		Action: "purge", Letters: len(found), Backup: c.Backup,
		says: fmt.Sprintf("%d letters would be written to %s and deleted. Nothing was done: add --apply.", len(found), c.Backup),
	}, nil
}

func (c *purgeCmd) apply(ctx context.Context, e *env, o *opened, filter replay.Filter) (result, error) {
	r := o.reader()
	ids, stuck, err := c.backup(ctx, r, filter, o.dlq.Limits().MaxMessage)
	if err == nil && len(ids)+len(stuck) == 0 {
		err = errors.Join(errors.New("no letter matches: nothing was deleted"), os.Remove(c.Backup))
	}
	if err != nil {
		return nil, errors.Join(err, r.GiveBack(ctx))
	}
	act := replay.Act{
		Type: replay.TypePurged, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Filter: filter,
		Letters: int64(len(ids)), Backup: c.Backup,
	}
	if len(ids) == 0 {
		return nil, errors.Join(r.GiveBack(ctx), stay(e, stuck))
	}
	err = act.Do(ctx, o.main, func(a *replay.Act) error {
		err := r.Delete(ctx, ids)
		var some *replay.UndeletedError
		if errors.As(err, &some) {
			err = some.Err
			a.Letters -= int64(len(some.IDs))
			if err == nil {
				stuck["its visibility expired"] = some.IDs
			}
		}
		return err
	})
	if err = errors.Join(err, r.GiveBack(ctx)); err != nil {
		return nil, err
	}
	return outcome{
		Action: "purge", Letters: int(act.Letters), Failed: failures(stuck), Failures: stuck, Applied: true, Backup: c.Backup,
		says: fmt.Sprintf("%d letters deleted; they are in %s (dlq-replay import puts them back)", act.Letters, c.Backup),
	}, stay(e, stuck)
}

// stay names letters that were not deleted.
func stay(e *env, stuck map[string][]string) error {
	for _, why := range byLength(stuck) {
		for _, id := range stuck[why] {
			if err := e.note("letter %s stays: %s", id, why); err != nil {
				return err
			}
		}
	}
	if n := failures(stuck); n > 0 {
		return cli.Incomplete("%d letters stay", n)
	}
	return nil
}

// backup writes the letters. It then reads the file again, and returns the ids that it finds there,
// apart from those that import could not put back, by reason.
func (c *purgeCmd) backup(ctx context.Context, r *replay.Reader, filter replay.Filter, maxSize int) (ids []string, stuck map[string][]string, err error) {
	if _, err := save(ctx, r, filter, c.Backup); err != nil {
		return nil, nil, err
	}
	stuck = map[string][]string{}
	err = load(c.Backup, func(x exported) error {
		if _, err := x.outgoing(maxSize); err != nil {
			why := "import could not put it back: " + err.Error()
			stuck[why] = append(stuck[why], x.ID)
		} else {
			ids = append(ids, x.ID)
		}
		return nil
	})
	return ids, stuck, err
}
