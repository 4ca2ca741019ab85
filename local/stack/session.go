package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// openTimeout is how long Open waits for a stack that is starting or ending, or that
// runs for one query. pause is how often it checks.
const (
	openTimeout = 90 * time.Second
	pause       = 50 * time.Millisecond
)

// ErrGone means that the process whose stack was joined has ended.
var ErrGone = errors.New("what was acknowledged is safe; run the command again")

// Session is the use of a stack: one that another process runs, or one's own. Close
// ends it.
type Session struct {
	Endpoints Endpoints
	// Own is nil if another process runs the stack.
	Own *Stack

	dir    string
	holder Holder
	use    *flock.Flock
}

// Holds reports whether dir has a stack's data, or a stack is being started there. It
// changes nothing.
func Holds(dir string) (bool, error) {
	if busy, err := held(dir); busy || err != nil {
		return busy, err
	}
	_, err := os.Stat(filepath.Join(dir, "clickhouse", "users.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking into the data directory: %w", err)
	}
	return true, nil
}

// Open joins the stack that another process runs on o.Dir, or starts one. It waits for
// one that is starting or ending; if that takes too long, a BusyError names the
// process.
func Open(ctx context.Context, o Options) (*Session, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the data directory: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		s, err := open(ctx, dir, o)
		if !errors.Is(err, ErrBusy) {
			return s, err
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("%w: wait until it has ended, or choose another directory", err)
		case <-time.After(pause):
		}
	}
}

func open(ctx context.Context, dir string, o Options) (*Session, error) {
	busy, err := held(dir)
	if err != nil {
		return nil, err
	}
	if busy {
		return join(dir, o.Drains)
	}
	own, err := Start(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Session{Endpoints: own.Endpoints, Own: own, dir: dir}, nil
}

// join joins the stack that another process runs.
func join(dir string, drained bool) (_ *Session, err error) {
	s := &Session{dir: dir, holder: holder(dir)}
	busy := func(why string) error { return &BusyError{Dir: dir, Holder: s.holder, Why: why} }
	if drained && !s.holder.Drains {
		return nil, busy("drains no queue")
	}
	s.use = usersLock(dir)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.use.Unlock())
		}
	}()
	free, err := s.use.TryRLock()
	if err != nil {
		return nil, fmt.Errorf("joining the stack: %w", err)
	}
	if !free {
		return nil, busy("is ending")
	}
	text, err := os.ReadFile(filepath.Join(dir, endpointsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, busy("is starting or ending")
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", endpointsFile, err)
	}
	if err := json.Unmarshal(text, &s.Endpoints); err != nil {
		return nil, fmt.Errorf("reading %s: %w", endpointsFile, err)
	}
	if s.Endpoints.PID != s.holder.PID {
		return nil, busy("is starting")
	}
	return s, nil
}

// Watch returns a context that is cancelled, with ErrGone in its cause, when the
// process whose stack was joined ends, or when one's own stack has lost its ClickHouse.
func (s *Session) Watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s.Own != nil {
		go s.watchOwn(ctx, cancel)
	} else {
		go s.watchHolder(ctx, cancel)
	}
	return ctx, func() { cancel(nil) }
}

func (s *Session) watchOwn(ctx context.Context, cancel context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case <-s.Own.Exited():
		if err := s.Own.Err(); err != nil {
			cancel(fmt.Errorf("%w; %w", err, ErrGone))
		}
	}
}

func (s *Session) watchHolder(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if busy, err := held(s.dir); err == nil && (!busy || holder(s.dir) != s.holder) {
			cancel(fmt.Errorf("process %d (%s) ran the stack on %s and has ended: %w", s.holder.PID, s.holder.Command, s.dir, ErrGone))
		}
	}
}

// AwaitOthers waits until no other process uses the stack, and from then on keeps
// others from joining it. It calls waiting once if it must wait.
func (s *Session) AwaitOthers(ctx context.Context, waiting func()) error {
	if s.Own == nil || s.Own.users != nil {
		return nil
	}
	users := usersLock(s.dir)
	for told := false; ; {
		free, err := users.TryLock()
		if err != nil {
			return fmt.Errorf("waiting for others to leave the stack: %w", err)
		}
		if free {
			s.Own.users = users
			return nil
		}
		if !told && waiting != nil {
			waiting()
		}
		told = true
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Close leaves a stack that was joined, and stops one's own.
func (s *Session) Close() error {
	if s.Own != nil {
		return s.Own.Stop()
	}
	return s.use.Unlock()
}
