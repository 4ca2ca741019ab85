package actions

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"
)

// Config is what an engine is made of.
type Config struct {
	Settings Settings
	Keys     Keys
	Journal  Journal
	Evidence Evidence
	Cloud    Cloud
	// Switch is the kill switch: nil while actions may be done. It is read for each request.
	Switch func(context.Context) error
	Logger *slog.Logger

	// Now, NewID and Sleep are time.Now, a random id, and a wait that ends with its context, unless they are set.
	Now   func() time.Time
	NewID func() string
	Sleep func(context.Context, time.Duration) error
	// Times are those of an execution; zero is the default.
	Times Times
}

// Times bound the parts of an execution.
type Times struct {
	// Visible is how long the journal may take to show what was appended: 20 s.
	Visible time.Duration
	// Poll is the pause between two looks: 500 ms.
	Poll time.Duration
	// Verify is how long the effect of a call is looked for: 10 s.
	Verify time.Duration
	// Begin is how long after its intent a call may begin: 45 s. Call bounds the call: 20 s.
	Begin, Call time.Duration
	// Settle is how long after its intent an attempt without an end has failed if its effect is not there: 5 minutes,
	// longer than Begin, Call and the function's timeout together. Accepted is the same of a call that AWS accepted: an hour.
	Settle, Accepted time.Duration
}

func (t Times) withDefaults() Times {
	for _, d := range []struct {
		d        *time.Duration
		fallback time.Duration
	}{
		{&t.Visible, 20 * time.Second},
		{&t.Poll, 500 * time.Millisecond},
		{&t.Verify, 10 * time.Second},
		{&t.Begin, 45 * time.Second},
		{&t.Call, 20 * time.Second},
		{&t.Settle, 5 * time.Minute},
		{&t.Accepted, time.Hour},
	} {
		if *d.d == 0 {
			*d.d = d.fallback
		}
	}
	return t
}

// Engine plans, approves, executes and undoes. It keeps nothing between requests. Safe for concurrent use.
type Engine struct{ cfg Config }

// New returns an engine.
func New(cfg Config) (*Engine, error) {
	var errs []error
	s, err := cfg.Settings.Checked()
	errs = append(errs, err)
	cfg.Settings = s
	if cfg.Keys.first == "" {
		errs = append(errs, errors.New("no keys"))
	}
	if cfg.Journal == nil || cfg.Evidence == nil || cfg.Cloud == nil || cfg.Switch == nil {
		errs = append(errs, errors.New("no journal, evidence, cloud or kill switch"))
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		cfg.NewID = NewID
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	cfg.Times = cfg.Times.withDefaults()
	return &Engine{cfg}, errors.Join(errs...)
}

// now is the clock, with the resolution of events.
func (e *Engine) now() time.Time { return e.cfg.Now().UTC().Truncate(time.Millisecond) }

// NewID returns a random id of 32 hexadecimal digits, which is also the name of a role's session.
func NewID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// say appends entries that nothing depends on; a fault is logged.
func (e *Engine) say(ctx context.Context, entries ...Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sayTime)
	defer cancel()
	err := e.cfg.Journal.Append(ctx, entries...)
	if err != nil {
		e.cfg.Logger.ErrorContext(ctx, "the journal was not written", slog.String("kind", string(entries[0].Kind)), slog.String("plan", entries[0].Plan),
			slog.String("error", err.Error()))
	}
	return err
}

// sayTime bounds the writing of an outcome, for which the request's own time may be over.
const sayTime = 10 * time.Second
