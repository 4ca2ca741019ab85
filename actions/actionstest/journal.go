package actionstest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"polo/actions"
)

// Journal keeps entries as ClickHouse does: an entry that is appended again replaces itself.
type Journal struct {
	// Hook, if set, is called before and after each step with its name. It may end the goroutine.
	Hook func(point string)
	// Err, if set, decides whether a call of a name fails: append, read.
	Err func(call string) error
	// Hidden, if set, reports whether an entry cannot be seen yet.
	Hidden func(actions.Entry) bool

	mu      sync.Mutex
	entries map[uuid.UUID]actions.Entry
	order   []uuid.UUID
}

func (j *Journal) hook(point string) {
	if j.Hook != nil {
		j.Hook(point)
	}
}

// Append implements actions.Journal.
func (j *Journal) Append(ctx context.Context, entries ...actions.Entry) error {
	j.hook("before append " + string(entries[0].Kind))
	if err := ctx.Err(); err != nil {
		return err
	}
	if j.Err != nil {
		if err := j.Err("append"); err != nil {
			return err
		}
	}
	j.keep(entries)
	j.hook("after append " + string(entries[0].Kind))
	return nil
}

func (j *Journal) keep(entries []actions.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.entries == nil {
		j.entries = map[uuid.UUID]actions.Entry{}
	}
	for _, e := range entries {
		id := e.ID()
		if old, ok := j.entries[id]; !ok {
			j.order = append(j.order, id)
		} else if old.Observed.After(e.Observed) {
			continue
		}
		j.entries[id] = e
	}
}

// OfResource implements actions.Journal.
func (j *Journal) OfResource(ctx context.Context, arn string, since time.Time) ([]actions.Entry, error) {
	all, err := j.All(ctx, since)
	return slices.DeleteFunc(all, func(e actions.Entry) bool { return e.ARN != arn }), err
}

// All implements actions.Journal.
func (j *Journal) All(ctx context.Context, since time.Time) ([]actions.Entry, error) {
	j.hook("before read")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if j.Err != nil {
		if err := j.Err("read"); err != nil {
			return nil, err
		}
	}
	seen := slices.DeleteFunc(j.Entries(), func(e actions.Entry) bool {
		return e.At.Before(since) || j.Hidden != nil && j.Hidden(e)
	})
	for i := range seen {
		if seen[i].Kind != actions.KindIntended {
			seen[i].Sealed = ""
		}
	}
	return seen, nil
}

// Entries returns all entries, in the order that they were first appended.
func (j *Journal) Entries() []actions.Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]actions.Entry, 0, len(j.order))
	for _, id := range j.order {
		out = append(out, j.entries[id])
	}
	return out
}

// Of returns the entries of some kinds.
func (j *Journal) Of(kinds ...actions.Kind) []actions.Entry {
	return slices.DeleteFunc(j.Entries(), func(e actions.Entry) bool { return !slices.Contains(kinds, e.Kind) })
}
