package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Retry is the policy for transient errors: exponential backoff, each wait drawn from
// half to one and a half times its nominal length. The zero value is a good default.
type Retry struct {
	// Initial is the first wait, 100 ms when zero; Max the longest, 10 s when zero.
	Initial, Max time.Duration
	// MaxElapsed bounds the retries while nothing is acknowledged: 1 minute when zero;
	// when negative, only the context bounds them.
	MaxElapsed time.Duration
}

func (r Retry) backOff() *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(orElse(r.Initial, 100*time.Millisecond)),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(orElse(r.Max, 10*time.Second)),
		backoff.WithMaxElapsedTime(max(orElse(r.MaxElapsed, time.Minute), 0)),
	)
}

func orElse(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// entries sends, deletes or extends a number of entries in batches, with retries.
type entries struct {
	count int
	// prefix returns how many of the pending entries make the next batch, at least 1.
	prefix func(pending []int) int
	// attempt makes one call. It returns nil, or an error or nil for each entry.
	attempt func(ctx context.Context, batch []int) []error
	retry   Retry

	failed []Unacknowledged
	// alone holds the entries of a batch that was refused as a whole. One of them may
	// be at fault, so each is tried by itself.
	alone map[int]bool
}

// run returns the entries never acknowledged, sorted by index.
func (e *entries) run(ctx context.Context) []Unacknowledged {
	pending := make([]int, e.count)
	for i := range pending {
		pending[i] = i
	}
	policy := e.retry.backOff()
	last := make(map[int]error)
	err := backoff.Retry(func() error {
		before := len(pending)
		var err error
		pending, err = e.pass(ctx, pending, last)
		if len(pending) < before {
			policy.Reset()
		}
		return err
	}, backoff.WithContext(policy, ctx))
	for _, i := range pending {
		cause := last[i]
		switch {
		case ctx.Err() != nil && cause != nil && !errors.Is(cause, ctx.Err()):
			cause = fmt.Errorf("%w, after: %w", ctx.Err(), cause)
		case cause == nil:
			cause = err
		}
		e.failed = append(e.failed, Unacknowledged{Index: i, Err: cause})
	}
	return e.failed
}

// pass tries every pending entry once, those tried before last, and stops early when a
// whole batch fails. It returns what is still pending, and an error if anything is.
func (e *entries) pass(ctx context.Context, pending []int, last map[int]error) (still []int, err error) {
	var again []int
	for len(pending) > 0 {
		if ctx.Err() != nil {
			return append(pending, again...), ctx.Err()
		}
		n := e.next(pending)
		batch := pending[:n:n]
		pending = pending[n:]
		a := e.try(ctx, batch, last)
		again = append(again, a.again...)
		if len(a.refused) == n {
			for _, i := range a.refused {
				e.alone[i] = true
			}
			// Nothing to wait for: the same entries go again at once, one by one.
			pending = append(a.refused, pending...)
		} else {
			for _, i := range a.refused {
				e.failed = append(e.failed, Unacknowledged{Index: i, Err: last[i], Permanent: true})
			}
		}
		if a.transient != nil {
			err = a.transient
			if !a.some {
				break
			}
		}
	}
	return append(pending, again...), err
}

// answered is what became of one call.
type answered struct {
	some      bool  // whether any entry was acknowledged
	transient error // the last that a retry can mend
	// again are the entries that failed with one, refused those whose content was, in a call
	// of several.
	again, refused []int
}

// try makes one call, and notes the entries that failed for good.
func (e *entries) try(ctx context.Context, batch []int, last map[int]error) answered {
	var a answered
	for j, cause := range e.answers(ctx, batch) {
		i := batch[j]
		switch {
		case cause == nil:
			a.some = true
		case errors.Is(cause, ErrTransient), ctx.Err() != nil && errors.Is(cause, ctx.Err()):
			last[i] = cause
			a.transient = cause
			a.again = append(a.again, i)
		case len(batch) > 1 && isContent(cause):
			a.refused = append(a.refused, i)
			last[i] = cause
		default:
			e.failed = append(e.failed, Unacknowledged{Index: i, Err: cause, Permanent: true})
		}
	}
	return a
}

// next is the size of the batch at the head of pending.
func (e *entries) next(pending []int) int {
	if e.alone[pending[0]] {
		return 1
	}
	n := e.prefix(pending)
	for i, index := range pending[:n] {
		if e.alone[index] {
			return i
		}
	}
	return n
}

// answers guards against an adapter that returns too few or too many errors.
func (e *entries) answers(ctx context.Context, batch []int) []error {
	errs := e.attempt(ctx, batch)
	switch len(errs) {
	case 0:
		return make([]error, len(batch))
	case len(batch):
		return errs
	}
	err := fmt.Errorf("%w: %d answers to %d entries", ErrTransient, len(errs), len(batch))
	errs = make([]error, len(batch))
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// isContent reports whether err may be one entry's fault, even if it fails the whole
// batch.
func isContent(err error) bool {
	return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNotText) || errors.Is(err, ErrRefused)
}
