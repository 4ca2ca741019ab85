package awsaccounts

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// When an endpoint counts as down.
const (
	// silences is how many tries in a row, of whichever account, stay without any
	// answer before the endpoint counts as down. One or two can be bad luck.
	silences = 3
	// silentFor is how long ago the last answer must be, if there was one: an endpoint
	// that is slow keeps several requests of several accounts waiting at once.
	silentFor = 30 * time.Second
	// downFor is how long requests to it then fail at once, before one is let through
	// to see. Without that each call of each account would wait for the same timeout.
	downFor = 10 * time.Second
)

// UnreachableError tells that a request was not sent, because its endpoint has not
// been answering. It is a net.Error that no retry mends.
type UnreachableError struct {
	Host, Region string
	// Last is what the last try ended with.
	Last error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s (%s) does not answer, not tried again now: %v", e.Host, e.Region, e.Last)
}

// Unwrap is the last try's error.
func (e *UnreachableError) Unwrap() error { return e.Last }

// RetryableError tells the SDK not to retry.
func (e *UnreachableError) RetryableError() bool { return false }

// Timeout and Temporary make it a net.Error.
func (e *UnreachableError) Timeout() bool { return true }

// Temporary is part of net.Error.
func (e *UnreachableError) Temporary() bool { return false }

// endpoints is an HTTP client that stops asking those that do not answer. Any answer,
// of whatever status, is an answer.
type endpoints struct {
	next aws.HTTPClient
	now  func() time.Time

	mu   sync.Mutex
	down map[endpoint]*silence
	// answered is when each last answered.
	answered map[endpoint]time.Time
}

// endpoint is a host and, as one host may stand for all regions, a region.
type endpoint struct{ host, region string }

type silence struct {
	tries int
	until time.Time
	last  error
}

func newEndpoints(next aws.HTTPClient, now func() time.Time) *endpoints {
	return &endpoints{next: next, now: now, down: map[endpoint]*silence{}, answered: map[endpoint]time.Time{}}
}

func (e *endpoints) Do(r *http.Request) (*http.Response, error) {
	at := endpoint{host: r.URL.Host, region: awsmiddleware.GetRegion(r.Context())}
	if err := e.refuse(at); err != nil {
		return nil, err
	}
	resp, err := e.next.Do(r)
	switch {
	case err == nil:
		e.mu.Lock()
		delete(e.down, at)
		e.answered[at] = e.now()
		e.mu.Unlock()
	case r.Context().Err() == nil: // else it was ours to wait no longer
		e.silent(at, err)
	}
	return resp, err
}

func (e *endpoints) refuse(at endpoint) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.down[at]
	if s == nil || s.tries < silences {
		return nil
	}
	now := e.now()
	if last, ever := e.answered[at]; ever && now.Sub(last) < silentFor {
		return nil
	}
	if now.Before(s.until) {
		return &UnreachableError{Host: at.host, Region: at.region, Last: s.last}
	}
	s.until = now.Add(downFor) // this one goes to see, the others wait for it
	return nil
}

func (e *endpoints) silent(at endpoint, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.down[at]
	if s == nil {
		s = &silence{}
		e.down[at] = s
	}
	s.tries++
	s.last, s.until = err, e.now().Add(downFor)
}
