package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/cenkalti/backoff/v4"
	"golang.org/x/time/rate"

	"polo/internal/queue"
	"polo/producers"
)

// Limits of LookupEvents, from the CloudTrail API Reference and service quotas.
const (
	// lookupPerSecond is the number of requests a second for one account and region.
	lookupPerSecond = 2
	// lookupPage is the maximum page size.
	lookupPage = 50
	// lookupSpan is the length of one window: short, so that a restart of a window after an
	// expired page token costs little.
	lookupSpan = 6 * time.Hour
)

// LookupClient is the part of the CloudTrail client that Lookup uses.
type LookupClient interface {
	LookupEvents(ctx context.Context, in *cloudtrail.LookupEventsInput, opts ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error)
}

// NewLookupLimiter returns a limiter with the rate of one account and region. Lookups of the same
// account and region must share one.
func NewLookupLimiter() *rate.Limiter { return rate.NewLimiter(lookupPerSecond, 1) }

// Lookup collects the management events of one account and region through the API, which keeps
// them for 90 days.
type Lookup struct {
	Client          LookupClient
	Account, Region string
	// Start and End bound the events' times, both inclusive.
	Start, End time.Time
	Normaliser *Normaliser
	ObservedAt time.Time
	// Limiter limits the rate of requests; nil means one of its own.
	Limiter *rate.Limiter
	// Backoff returns the waits between attempts of one request; nil is exponential, from half a
	// second, for at most five minutes. The client's own retries are off.
	Backoff func() backoff.BackOff
}

// LookupError says how far a lookup came.
type LookupError struct {
	Account, Region string
	// ReadUntil is the time before which everything was read and emitted.
	ReadUntil time.Time
	Err       error
}

func (e *LookupError) Error() string {
	return fmt.Sprintf("looking up events of %s in %s: complete until %s: %v",
		e.Account, e.Region, e.ReadUntil.UTC().Format(time.RFC3339), e.Err)
}

func (e *LookupError) Unwrap() error { return e.Err }

// Collect reads and emits window by window, the oldest first. An error is a *LookupError wrapping
// ErrAccessDenied, the context's error, the emitter's or the service's. Events on the border of
// two windows are emitted twice, with the same ids.
func (l Lookup) Collect(ctx context.Context, emitter producers.Emitter) (Summary, error) {
	t := newTally()
	if l.Limiter == nil {
		l.Limiter = NewLookupLimiter()
	}
	files := Files{Normaliser: l.Normaliser, ObservedAt: l.ObservedAt}
	w := worker{files: &files, emit: emitter.Emit, rejects: producers.NewAnswerRejects(emitter.Reject), tally: t}
	for start := l.Start; !start.After(l.End); start = start.Add(lookupSpan) {
		end := start.Add(lookupSpan)
		if end.After(l.End) {
			end = l.End
		}
		if err := l.window(ctx, &w, start, end); err != nil {
			return t.summary(), &LookupError{Account: l.Account, Region: l.Region, ReadUntil: start, Err: err}
		}
	}
	return t.summary(), nil
}

// window reads all pages of one window. After an expired page token it restarts the window, once:
// events emitted before have the same ids.
func (l Lookup) window(ctx context.Context, w *worker, start, end time.Time) error {
	restarted := false
	var token *string
	for page := 1; ; page++ {
		out, err := l.page(ctx, start, end, token)
		switch {
		case errors.Is(err, errPageToken) && !restarted && token != nil:
			restarted, token, page = true, nil, 0
			continue
		case err != nil:
			return fmt.Errorf("page %d from %s: %w", page, start.UTC().Format(time.RFC3339), err)
		}
		b := l.batch(out, start, page)
		if err := w.batch(ctx, b); err != nil {
			return err
		}
		if err := w.rejects.Done(ctx, b.file.name); err != nil {
			return err
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		token = out.NextToken
	}
}

// batch returns the records of a page.
func (l Lookup) batch(out *cloudtrail.LookupEventsOutput, start time.Time, page int) batch {
	b := batch{file: &logFile{name: fmt.Sprintf("lookup-events/%s/%s/%s/page-%d", l.Account, l.Region, start.UTC().Format(time.RFC3339), page)}}
	for i := range out.Events {
		p := piece{number: i + 1, first: knownFirst(), data: []byte(aws.ToString(out.Events[i].CloudTrailEvent))}
		if len(p.data) == 0 {
			p.reason, p.problem = queue.ReasonMalformedRecord, "CloudTrailEvent: missing"
			p.data = []byte(aws.ToString(out.Events[i].EventId))
		}
		b.pieces = append(b.pieces, p)
	}
	return b
}

// page requests one page, with retries.
func (l Lookup) page(ctx context.Context, start, end time.Time, token *string) (*cloudtrail.LookupEventsOutput, error) {
	in := &cloudtrail.LookupEventsInput{
		StartTime: aws.Time(start), EndTime: aws.Time(end), MaxResults: aws.Int32(lookupPage), NextToken: token,
	}
	try := func() (*cloudtrail.LookupEventsOutput, error) {
		if err := l.Limiter.Wait(ctx); err != nil {
			// The limiter fails at once if the wait would exceed the deadline.
			return nil, backoff.Permanent(firstError(ctx.Err(), context.DeadlineExceeded))
		}
		out, err := l.Client.LookupEvents(ctx, in, func(o *cloudtrail.Options) { o.Retryer = aws.NopRetryer{} })
		if err == nil {
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, backoff.Permanent(ctx.Err())
		}
		return nil, classify(err)
	}
	return backoff.RetryWithData(try, backoff.WithContext(l.backoff(), ctx))
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l Lookup) backoff() backoff.BackOff {
	if l.Backoff != nil {
		return l.Backoff()
	}
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(500*time.Millisecond),
		backoff.WithMaxInterval(30*time.Second),
		backoff.WithMaxElapsedTime(5*time.Minute),
	)
}
