package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
)

type importCmd struct {
	File    string `arg:"" help:"What export or purge wrote." predictor:"file"`
	Apply   bool   `help:"Apply; without, only print what would be done."`
	Confirm string `help:"The dead-letter queue's name; required for a queue that is not on this machine." placeholder:"QUEUE"`
	Journal string `help:"The journal of the import; the default is the file's name and .journal." placeholder:"FILE" predictor:"file"`
}

// Help is shown by --help.
func (importCmd) Help() string {
	return `Puts letters of a file into the dead-letter queue, as they were. The whole file is checked before the first is sent.
A letter that the queue refuses is named with the reason, and the others are put back: exit code 3.

A journal beside the file records what was put back until everything is. After an interrupt or a kill, the same command
continues. At most 200 letters in flight at a kill are in doubt; they are put back again, and reported. A message that the
queue itself had moved comes back with a record that says so. A message of the maximum size has no room for the record and
comes back without: a pack is then recognised, anything else has the reason "unknown".

Examples:

  dlq-replay import letters.ndjson           how many there are, and whether the file is whole
  dlq-replay import letters.ndjson --apply`
}

// interrupted says how to continue.
func (c *importCmd) interrupted() string {
	return "the journal has what was put back; the same command continues with the rest"
}

// importBatch is how many letters are sent and recorded at a time.
const importBatch = 200

// imported is the outcome of an import.
type imported struct {
	letters, before, inDoubt int
	// failed are the ids of letters that cannot be put back, by reason.
	failed map[string][]string
}

func (i *imported) fail(id string, why error) {
	i.failed[why.Error()] = append(i.failed[why.Error()], id)
}

func (c *importCmd) do(ctx context.Context, e *env) (result, error) {
	n := 0
	checked := imported{failed: map[string][]string{}}
	err := load(c.File, func(x exported) error {
		n++
		if _, err := x.outgoing(maxLetter); err != nil {
			checked.fail(x.ID, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !c.Apply {
		good := n - failures(checked.failed)
		return outcome{
			Action: "import", Letters: good, Failed: n - good, Failures: checked.failed,
			says: fmt.Sprintf("%d letters would be put into the dead-letter queue. Nothing was done: add --apply.", good),
		}, c.verdict(e, &checked)
	}
	o, err := e.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return nil, err
	}
	done, err := c.apply(ctx, e, o)
	if err != nil {
		return nil, fmt.Errorf("importing letters (%d of %d are in): %w", done.letters+done.before, n, err)
	}
	return outcome{
		Action: "import", Letters: done.letters, Before: done.before, Failed: failures(done.failed), Failures: done.failed, Applied: true,
		says: fmt.Sprintf("%d letters put into %s", done.letters, o.dlqName),
	}, c.verdict(e, done)
}

// apply puts back the letters that the journal does not record as put back.
func (c *importCmd) apply(ctx context.Context, e *env, o *opened) (done *imported, err error) {
	done = &imported{failed: map[string][]string{}}
	path := c.Journal
	if path == "" {
		path = c.File + ".journal"
	}
	name, err := filepath.Abs(c.File)
	if err != nil {
		return done, fmt.Errorf("naming the file: %w", err)
	}
	j, err := replay.OpenJournal(path, o.header(uuid.NewString(), replay.Filter{}, name))
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	done.before, done.inDoubt = j.Count(replay.Sent), j.Count(replay.Intended)
	if !j.Fresh {
		if err := e.note("continuing an interrupted import: %d letters were put back, %d are in doubt", done.before, done.inDoubt); err != nil {
			return done, err
		}
	}
	act := replay.Act{Type: replay.TypeImported, Run: j.Run, Started: j.Started(), Actor: actor(), DLQ: o.dlqName, Backup: c.File, Letters: int64(done.before)}
	err = act.Do(ctx, o.main, func(a *replay.Act) error { return c.send(ctx, o, j, a, done) })
	if err == nil {
		// Only an unfinished import has a journal.
		err = os.Remove(path)
	}
	return done, err
}

// send sends the file's letters, and counts those acknowledged.
func (c *importCmd) send(ctx context.Context, o *opened, j *replay.Journal, a *replay.Act, done *imported) error {
	var out []queue.Outgoing
	var places, ids []string
	flush := func() error {
		if len(out) == 0 || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := j.Intend(places); err != nil {
			return err
		}
		// Batches in flight are finished, so that none is in doubt.
		failed, err := refusals(queue.SendAll(context.WithoutCancel(ctx), o.dlq, out, queue.Retry{}))
		var in, refused []string
		for i, place := range places {
			switch why := failed[i]; {
			case why == nil:
				in = append(in, place)
			case replay.OfContent(queue.Unacknowledged{Err: why, Permanent: true}):
				refused = append(refused, place)
				done.fail(ids[i], why)
			}
		}
		done.letters += len(in)
		a.Letters += int64(len(in))
		out, places, ids = out[:0], nil, nil
		return errors.Join(err, j.Sent(in, make([]replay.Parcel, len(in))), j.Stay(refused))
	}
	n := 0
	err := load(c.File, func(x exported) error {
		n++
		place := fmt.Sprintf("%d:%s", n, x.ID)
		if j.Of(place) == replay.Sent {
			return nil
		}
		m, err := x.outgoing(o.dlq.Limits().MaxMessage)
		if err != nil {
			done.fail(x.ID, err)
			return nil
		}
		if out, places, ids = append(out, m), append(places, place), append(ids, x.ID); len(out) == importBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// verdict names the letters that cannot be put back.
func (c *importCmd) verdict(e *env, done *imported) error {
	if done.inDoubt > 0 {
		if err := e.note("up to %d of them may also have been put back before the interruption", done.inDoubt); err != nil {
			return err
		}
	}
	for _, why := range byLength(done.failed) {
		for _, id := range done.failed[why] {
			if err := e.note("letter %s cannot be put back: %s", id, why); err != nil {
				return err
			}
		}
	}
	if n := failures(done.failed); n > 0 {
		return cli.Incomplete("%d letters cannot be put back; they are in %s", n, c.File)
	}
	return nil
}
