package httpsource

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"polo/internal/meter"
)

const (
	// attempts is the most times a request is sent.
	attempts = 5
	// firstBackoff and maxBackoff bound the wait after a failure for which the source
	// names none: it is drawn from zero to 1, 2, 4, ... seconds.
	firstBackoff, maxBackoff = time.Second, 16 * time.Second
	// maxPause is the longest that a request waits because the source asks for it, where
	// its context has no deadline.
	maxPause = 15 * time.Minute
)

// Config configures the client of one credential.
type Config struct {
	// Base is the API's address, "https://api.example.com/v4". Paths are below it.
	Base string
	// Authorize adds the credential to a request, and is called for every try.
	Authorize func(context.Context, *http.Request) error
	// Header is added to every request.
	Header http.Header
	// PerSecond and Burst bound the credential's requests, AtOnce those that are under way;
	// 0 means no bound.
	PerSecond float64
	Burst     int
	AtOnce    int
	// Classify says whether an answer is an error, and how long to send no request. It is
	// called for every answer, also for those of status 200. Nil reads Retry-After alone.
	Classify func(*Answer) Verdict
	// MaxBody bounds an answer, decompressed, in bytes; 32 MiB.
	MaxBody int64
	// Timeout bounds one try; a minute.
	Timeout time.Duration
	// Transport sends the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Cache, if set, keeps answers for other clients of the same credential, too.
	Cache *Cache
}

// Client asks one API with one credential. Safe for concurrent use.
type Client struct {
	cfg   Config
	base  *url.URL
	http  http.Client
	limit *rate.Limiter
	slots chan struct{}

	mu sync.Mutex
	// until is when the source takes requests again.
	until time.Time
}

// New returns a client.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.Base)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Scheme != "https" && !IsLocal(base) {
		return nil, errors.New("the API's address is not https://HOST/PATH, nor http:// on this machine")
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 32<<20)
	cfg.Timeout = cmp.Or(cfg.Timeout, time.Minute)
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	c := &Client{cfg: cfg, base: base, limit: rate.NewLimiter(rate.Inf, 0)}
	if cfg.PerSecond > 0 {
		c.limit = rate.NewLimiter(rate.Limit(cfg.PerSecond), max(cfg.Burst, 1))
	}
	if cfg.AtOnce > 0 {
		c.slots = make(chan struct{}, cfg.AtOnce)
	}
	// A redirect would take the credential's headers along, also to another host.
	c.http = http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// IsLocal reports whether a URL is http:// on this machine: localhost, 127.0.0.0/8 or ::1.
func IsLocal(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

// Request is one request. Sending it again must do no harm.
type Request struct {
	// Method is GET if empty.
	Method string
	// Path is below the client's base: "/zones".
	Path  string
	Query url.Values
	// Body is sent as JSON.
	Body []byte
}

// Answer is an answer that was read whole.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    []byte
	// NotModified is set if its body was kept since an earlier answer.
	NotModified bool
	// credentials are what Authorize sent along: errors do not quote them.
	credentials []string
	// cache may keep it, under key.
	cache *Cache
	key   cacheKey
}

// Get asks for a path.
func (c *Client) Get(ctx context.Context, path string, query url.Values) (*Answer, error) {
	return c.Do(ctx, Request{Path: path, Query: query})
}

// Do sends a request, again if need be, and returns the answer if its status is of 200 to
// 299. Other errors than *Error come from the context or Authorize.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	r.Method = cmp.Or(r.Method, http.MethodGet)
	for try := 1; ; try++ {
		answer, failure, wait, err := c.try(ctx, r, try > 1)
		if err != nil || failure == nil {
			return answer, err
		}
		if wait < 0 || try == attempts {
			return nil, failure
		}
		if err := c.pause(ctx, wait, failure); err != nil {
			return nil, err
		}
	}
}

// try sends a request once. A failure may be tried again after wait, unless that is negative. An err may not.
func (c *Client) try(ctx context.Context, r Request, again bool) (answer *Answer, failure *Error, wait time.Duration, err error) {
	leave, err := c.enter(ctx, r)
	if err != nil {
		return nil, nil, 0, err
	}
	defer leave()
	answer, err = c.send(ctx, r)
	if err != nil {
		meter.From(ctx).Request(again, false)
		if !errors.As(err, &failure) {
			return nil, nil, 0, err
		}
		if ctx.Err() != nil {
			return nil, nil, 0, context.Cause(ctx) // not the source's fault
		}
		if failure.Reason != Unreachable {
			return nil, failure, -1, nil
		}
		return nil, failure, c.backoff(again), nil
	}
	verdict := c.classify(answer)
	if verdict.Reason != "" || answer.Status < 200 || answer.Status > 299 {
		failure = answer.failure(verdict)
	}
	meter.From(ctx).Request(again, failure != nil && failure.Reason == Throttled)
	if verdict.Wait > 0 {
		c.hold(verdict.Wait)
	}
	if answer.NotModified {
		meter.From(ctx).NotModified()
	}
	switch {
	case failure == nil:
		c.cfg.Cache.put(answer.key, answer)
		return answer, nil, 0, nil
	case failure.Reason == Throttled && verdict.Wait > 0:
		return nil, failure, 0, nil // hold makes the next try wait
	case failure.Reason == Throttled, failure.Reason == Unreachable:
		return nil, failure, c.backoff(again), nil
	}
	return nil, failure, -1, nil
}

// enter waits until a request may be sent, and returns what is to be called when it has its answer.
func (c *Client) enter(ctx context.Context, r Request) (func(), error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if c.slots != nil {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	leave := func() {
		if c.slots != nil {
			<-c.slots
		}
	}
	c.mu.Lock()
	held := time.Until(c.until)
	c.mu.Unlock()
	err := c.pause(ctx, held, &Error{Request: r, Reason: Throttled, Message: "the source takes no more requests for " + max(held, 0).Round(time.Second).String()})
	if err == nil {
		turn := c.limit.Reserve()
		if err = c.pause(ctx, turn.Delay(), &Error{Request: r, Reason: Throttled, Message: "its rate limit leaves no turn in the time left"}); err != nil {
			turn.Cancel()
		}
	}
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// pause waits, unless the wait is longer than the time left: then it returns instead at once.
func (c *Client) pause(ctx context.Context, wait time.Duration, instead *Error) error {
	if wait <= 0 {
		return nil
	}
	left := maxPause
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	if wait >= left {
		return instead
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hold lets no request of the credential begin for a time.
func (c *Client) hold(wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := time.Now().Add(wait); until.After(c.until) {
		c.until = until
	}
}

func (c *Client) classify(a *Answer) Verdict {
	if c.cfg.Classify != nil {
		return c.cfg.Classify(a)
	}
	return Verdict{Wait: RetryAfter(a.Header, time.Now())}
}

// backoff returns a wait before the next try: longer before one that follows a second failure.
func (c *Client) backoff(again bool) time.Duration {
	most := firstBackoff
	if again {
		most = maxBackoff
	}
	return time.Duration(rand.Int64N(int64(most)))
}

// send sends a request and reads its answer whole. What went wrong on the way is an *Error.
func (c *Client) send(ctx context.Context, r Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	to := *c.base
	to.Path, to.RawQuery = to.Path+r.Path, r.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	for name, values := range c.cfg.Header {
		req.Header[name] = values
	}
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	var credentials []string
	if c.cfg.Authorize != nil {
		fixed := req.Header.Clone()
		if err := c.cfg.Authorize(ctx, req); err != nil {
			return nil, fmt.Errorf("authorizing a request: %w", err)
		}
		credentials = added(fixed, req.Header)
	}
	var key cacheKey
	var old *kept
	if c.cfg.Cache != nil && r.Method == http.MethodGet {
		key = keyOf(req, credentials)
		if old = c.cfg.Cache.get(key); old != nil {
			old.ask(req)
		}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &Error{Request: r, Reason: Unreachable, Message: unwrapURL(err).Error(), cause: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.cfg.MaxBody+1))
	switch {
	case err != nil:
		return nil, &Error{Request: r, Status: resp.StatusCode, Reason: Unreachable, Message: "its answer broke off: " + unwrapURL(err).Error(), cause: err}
	case int64(len(body)) > c.cfg.MaxBody:
		return nil, &Error{Request: r, Status: resp.StatusCode, Reason: Invalid, Message: fmt.Sprintf("its answer is larger than %d bytes", c.cfg.MaxBody)}
	}
	a := &Answer{Request: r, Status: resp.StatusCode, Header: resp.Header, Body: body, credentials: credentials, cache: c.cfg.Cache, key: key}
	if old != nil && a.Status == http.StatusNotModified {
		a.Status, a.Header, a.Body, a.NotModified = http.StatusOK, old.updated(a.Header), old.body, true
	}
	return a, nil
}

// added returns the values of the headers that a request has and before has not, without the
// scheme of Authorization.
func added(before, h http.Header) []string {
	var all []string
	for name, values := range h {
		for _, v := range values {
			if v = strings.TrimPrefix(v, "Bearer "); v != "" && before[name] == nil {
				all = append(all, v)
			}
		}
	}
	return all
}

// unwrapURL leaves out the address, which Error names without what is secret in it.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
