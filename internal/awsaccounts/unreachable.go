package awsaccounts

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// Limits after which an endpoint counts as down.
const (
	// silences is how many consecutive tries, of any account, must get no answer. One
	// or two can be bad luck.
	silences = 3
	// silentFor is how old the last answer, if any, must be: a slow endpoint keeps
	// several requests of several accounts waiting at once.
	silentFor = 30 * time.Second
	// downFor is how long requests then fail at once before one is let through as a
	// probe. Without it each call of each account would wait for the same timeout.
	downFor = 10 * time.Second
)

// UnreachableError means that a request was not sent, because its endpoint has stopped
// answering. It is a net.Error that is not retried.
type UnreachableError struct {
	Host, Region string
	// Last is the last try's error.
	Last error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s (%s) does not answer, not retried now: %v", e.Host, e.Region, e.Last)
}

// Unwrap returns the last try's error.
func (e *UnreachableError) Unwrap() error { return e.Last }

// RetryableError tells the SDK not to retry.
func (e *UnreachableError) RetryableError() bool { return false }

// Timeout and Temporary make it a net.Error.
func (e *UnreachableError) Timeout() bool { return true }

// Temporary is part of net.Error.
func (e *UnreachableError) Temporary() bool { return false }

// endpoints is an HTTP client that stops sending to endpoints that do not answer. An
// answer of any status counts.
type endpoints struct {
	next aws.HTTPClient
	now  func() time.Time

	mu   sync.Mutex
	down map[endpoint]*silence
	// answered holds the time of each endpoint's last answer.
	answered map[endpoint]time.Time
}

// endpoint is a host and a region, because one host may serve all regions.
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
	case r.Context().Err() == nil: // otherwise the caller gave up
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
	s.until = now.Add(downFor) // this request probes, the others fail meanwhile
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
