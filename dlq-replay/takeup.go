package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
)

// header returns the header of a journal that begins now.
func (o *opened) header(run string, f replay.Filter, typed string) replay.Header {
	return replay.Header{
		Run: run, Started: time.Now().UTC(), DLQ: o.dlqName, Queue: o.identity, By: fmt.Sprintf("%s (process %d)", actor(), os.Getpid()),
		Hold: o.hold, Filter: f, Typed: typed,
	}
}

// newJournal creates a journal at path. It first renames a finished one, which stays beside it
// under its run's name.
func newJournal(path string, h replay.Header) (*replay.Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the journal's folder: %w", err)
	}
	for {
		j, err := replay.OpenJournal(path, h)
		switch {
		case err != nil:
			return nil, err
		case j.Fresh:
			return j, nil
		case !j.Ended():
			return nil, errors.Join(errors.New("another replay of this queue was interrupted meanwhile: run the command again"), j.Close())
		}
		// It is still locked, so nobody else can have created another at this path.
		if err := errors.Join(os.Rename(path, path+"."+j.Run), j.Close()); err != nil {
			return nil, fmt.Errorf("renaming the last journal: %w", err)
		}
	}
}

// unfinished opens the journal at path if its run did not finish; otherwise it returns nil.
func unfinished(path string, h replay.Header) (*replay.Journal, error) {
	old, err := replay.ReadJournal(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case old.Ended():
		return nil, nil
	}
	j, err := replay.OpenJournal(path, h)
	if err != nil {
		return nil, err
	}
	if j.Ended() || j.Fresh { // it ended, or was renamed, meanwhile
		return nil, errors.Join(errors.New("another replay of this queue ended just now: run the command again"), j.Close())
	}
	return j, nil
}

// otherFilter refuses to continue a run that selected other letters.
func (c *replayCmd) otherFilter(e *env, j *replay.Journal) error {
	_, typed, told := j.Filter()
	if !told || typed == c.typed() {
		return nil
	}
	command := strings.TrimSpace("dlq-replay replay " + typed + " --apply " + e.flags.dataFlag())
	if c.Journal != "" {
		command += " --journal " + cli.Quote(c.Journal)
	}
	return cli.Usage("run %s of this queue was interrupted, and selected other letters: finish it first with\n  %s\n"+
		"or end it with --abandon: the letters that it has not sent stay", j.Run, command)
}

// typed returns the filter as typed, in a canonical form.
func (c *replayCmd) typed() string {
	if text := c.flags(); text != "" {
		return text
	}
	return "--all"
}

// abandon ends an interrupted run: it deletes what the run had sent, sends nothing more, and
// publishes the act as abandoned. It returns the letters that the run may have sent.
func (c *replayCmd) abandon(ctx context.Context, e *env, o *opened, j *replay.Journal, planner *replay.Planner) (doubted map[string]bool, err error) {
	defer func() { err = errors.Join(err, j.Close()) }()
	settle := replay.Run{
		Reader: o.reader(), Queue: o.main, DLQ: o.dlq, Journal: j, Planner: planner, Settle: true, Patient: patience(o, j),
	}
	if j.Count(replay.Sent) > 0 {
		result, err := settle.Do(ctx)
		if err != nil {
			return nil, fmt.Errorf("deleting what run %s had sent: %w", j.Run, err)
		}
		if result.Open > 0 {
			return nil, cli.Incomplete("run %s cannot be ended, because others hold up to %d letters that it had sent: try again later", j.Run, result.Open)
		}
	}
	doubted = map[string]bool{}
	for _, id := range j.Open() {
		doubted[id] = j.Of(id) == replay.Intended
	}
	filter, _, _ := j.Filter()
	act := replay.Act{Type: replay.TypeReplayed, Run: j.Run, Started: j.Started(), Actor: actor(), DLQ: o.dlqName, Letters: sentBy(j), Filter: filter}
	if err := act.Publish(ctx, o.main, replay.Abandoned); err != nil {
		return nil, err
	}
	if err := j.End(); err != nil {
		return nil, err
	}
	return doubted, e.note("run %s is abandoned: %d letters were sent, %d are in doubt", j.Run, act.Letters, j.Count(replay.Intended))
}
