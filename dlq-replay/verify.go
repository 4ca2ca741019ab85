package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/redact"
)

type verifyCmd struct {
	Journal string        `help:"The replay's journal; the default is that of the last replay of the queue." placeholder:"FILE" predictor:"file"`
	Wait    time.Duration `help:"How long to wait for events that have not landed yet." placeholder:"TIME"`
	Since   string        `help:"All replays of the queue that began at or after this, not only the last: a time, a day, or a duration before now." placeholder:"TIME"`
	server
}

// Help is shown by --help.
func (verifyCmd) Help() string {
	return `Reads the journal of the last replay of the queue and queries ClickHouse for every event that was sent: an event has
landed if it is there in that version or a later one. For a missing event, it looks in the dead-letter queue and shows why
it failed again.

Which ClickHouse: --data DIR of a running "polo up", or --addr, --user and the variable POLO_CLICKHOUSE_PASSWORD.

Examples:

  dlq-replay verify --wait 2m
  dlq-replay verify --wait 2m --data .polo
  dlq-replay verify --since 3h                  every replay of the last three hours
  dlq-replay verify --addr ch.example.com:9440 --tls --json

Exit code 3: something has not landed, or cannot be verified.`
}

func (c *verifyCmd) do(ctx context.Context, e *env) (result, error) {
	runs, err := c.runs(ctx, e)
	if err != nil {
		return nil, err
	}
	conn, err := c.connect(e)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // nothing is pending on it
	out := verified{Ended: true}
	statements := map[replay.Statement]bool{}
	for _, j := range runs {
		out.Runs = append(out.Runs, j.Run)
		out.Ended = out.Ended && j.Ended()
		out.Unreadable += j.Unreadable()
		for _, s := range j.Statements() {
			statements[s] = true
		}
	}
	ordered := replay.InOrder(statements)
	var left []replay.Statement
	err = interruptible(ctx, func() error {
		var err error
		left, err = replay.AwaitLanded(ctx, conn, ordered, c.Wait)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Events, out.Landed = len(ordered), len(ordered)-len(left)
	out.IDs = idsOf(ordered)
	for _, s := range left {
		out.Missing = append(out.Missing, missing{EventID: s.ID.String()})
	}
	if len(left) > 0 {
		if err := c.explain(ctx, e, left, &out); err != nil {
			if err := e.note("missing events were not looked up in the queues: %s", redact.Text(err.Error())); err != nil {
				return nil, err
			}
		}
	}
	return &out, out.verdict()
}

// explain looks for missing events in the dead-letter queue.
func (c *verifyCmd) explain(ctx context.Context, e *env, left []replay.Statement, out *verified) error {
	o, err := e.flags.open(ctx)
	if err != nil {
		return err
	}
	type fact struct {
		id uuid.UUID
		ts time.Time
	}
	places := make(map[fact]int, len(left))
	for i, s := range left {
		places[fact{s.ID, s.TS}] = i
	}
	var mu sync.Mutex
	err = look(ctx, o, func(l replay.Letter) error {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range l.Statements {
			if i, ok := places[fact{s.ID, s.TS}]; ok {
				m := &out.Missing[i]
				m.Letter, m.Reason, m.Error = l.ID(), l.Reason(), redact.Text(l.Failure.Err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	stats, err := o.main.Stats(ctx)
	out.Waiting = stats.Visible + stats.InFlight + stats.Delayed
	return err
}

// runs returns the journals to verify, the oldest first.
func (c *verifyCmd) runs(ctx context.Context, e *env) ([]*replay.Journal, error) {
	since, err := moment(c.Since, time.Now())
	if err != nil {
		return nil, cli.Usage("--since: %w", err)
	}
	path, err := c.path(ctx, e)
	if err != nil {
		return nil, err
	}
	paths := []string{path}
	if c.Since != "" {
		older, err := filepath.Glob(path + ".*")
		if err != nil {
			return nil, fmt.Errorf("looking for journals: %w", err)
		}
		paths = append(paths, older...)
	}
	var runs []*replay.Journal
	for _, p := range paths {
		j, err := replay.ReadJournal(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case !j.Started().Before(since):
			runs = append(runs, j)
		}
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing was replayed from this queue from this account of this machine: there is no journal %s (--journal names another)", path)
	}
	slices.SortFunc(runs, func(a, b *replay.Journal) int { return a.Started().Compare(b.Started()) })
	return runs, nil
}

func idsOf(statements []replay.Statement) []string {
	ids := make([]string, len(statements))
	for i, s := range statements {
		ids[i] = s.ID.String()
	}
	return ids
}

func (c *verifyCmd) path(ctx context.Context, e *env) (string, error) {
	if c.Journal != "" {
		return c.Journal, nil
	}
	o, err := e.flags.open(ctx)
	if err != nil {
		return "", err
	}
	return sending{}.journalPath(o)
}
