package httpsource_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"polo/internal/httpsource"
	"polo/internal/meter"
)

// api answers requests in the process, with the test's clock.
type api struct {
	answer func(n int, r *http.Request) (status int, header map[string]string, body string)

	mu    sync.Mutex
	times []time.Time
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.times = append(a.times, time.Now())
	n := len(a.times)
	a.mu.Unlock()
	status, header, body := a.answer(n, r)
	if status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	h := http.Header{}
	for k, v := range header {
		h.Set(k, v)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func client(t *testing.T, a *api, cfg httpsource.Config) *httpsource.Client {
	t.Helper()
	cfg.Base, cfg.Transport = "https://api.example.com/v1", a
	c, err := httpsource.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScopesShareOneLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return 200, nil, "{}" }}
		c := client(t, a, httpsource.Config{PerSecond: 1, Burst: 2})
		begin := time.Now()
		var scopes sync.WaitGroup
		for range 16 {
			scopes.Go(func() {
				for range 3 {
					if _, err := c.Get(t.Context(), "/x", nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		scopes.Wait()
		if took := time.Since(begin); took != 46*time.Second {
			t.Errorf("48 requests at 1/s after a burst of 2 took %s", took)
		}
	})
}

func TestWaitsAsTheSourceAsks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		header string
		want   time.Duration
	}{
		{"in seconds", 429, "7", 7 * time.Second},
		{"until a date", 503, "Sat, 01 Jan 2000 00:00:09 GMT", 9 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &api{answer: func(n int, _ *http.Request) (int, map[string]string, string) {
					if n == 1 {
						return tc.status, map[string]string{"Retry-After": tc.header}, "slow down"
					}
					return 200, nil, "{}"
				}}
				c := client(t, a, httpsource.Config{})
				var m meter.Meter
				ctx := meter.With(t.Context(), &m)
				if _, err := c.Get(ctx, "/x", nil); err != nil {
					t.Fatal(err)
				}
				if took := a.times[1].Sub(a.times[0]); took < tc.want || took > tc.want+time.Second {
					t.Errorf("the next try came after %s", took)
				}
				if got := m.Counts(); got.Requests != 2 || got.Retries != 1 || tc.status == 429 && got.Throttles != 1 {
					t.Errorf("counted %+v", got)
				}
			})
		})
	}
}

// A source that wants none of a credential's requests is asked nothing by any scope.
func TestHoldsAllRequestsOfACredential(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(n int, _ *http.Request) (int, map[string]string, string) {
			if n == 1 {
				return 200, map[string]string{"Remaining": "0"}, "{}"
			}
			return 200, nil, "{}"
		}}
		c := client(t, a, httpsource.Config{Classify: func(a *httpsource.Answer) httpsource.Verdict {
			if a.Header.Get("Remaining") == "0" {
				return httpsource.Verdict{Wait: 30 * time.Second}
			}
			return httpsource.Verdict{}
		}})
		for range 3 {
			if _, err := c.Get(t.Context(), "/x", nil); err != nil {
				t.Fatal(err)
			}
		}
		if wait := a.times[1].Sub(a.times[0]); wait != 30*time.Second || a.times[2] != a.times[1] {
			t.Errorf("requests at %v", a.times)
		}
	})
}

func TestAWaitLongerThanTheTimeLeftIsNoSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(int, *http.Request) (int, map[string]string, string) {
			return 403, map[string]string{"Retry-After": "3600"}, "secondary limit"
		}}
		c := client(t, a, httpsource.Config{Classify: func(a *httpsource.Answer) httpsource.Verdict {
			return httpsource.Verdict{Reason: httpsource.Throttled, Wait: httpsource.RetryAfter(a.Header, time.Now())}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		begin := time.Now()
		for range 2 { // the second is not even sent
			_, err := c.Get(ctx, "/x", nil)
			var failure *httpsource.Error
			if !errors.As(err, &failure) || failure.GapReason() != httpsource.Throttled {
				t.Errorf("error %v", err)
			}
		}
		if took := time.Since(begin); took != 0 || len(a.times) != 1 {
			t.Errorf("took %s and %d requests", took, len(a.times))
		}
	})
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status  int
		verdict httpsource.Verdict
		tries   int
		reason  string
	}{
		{status: 401, tries: 1, reason: httpsource.Denied},
		{status: 403, tries: 1, reason: httpsource.Denied},
		{status: 404, tries: 1},
		{status: 410, tries: 1, reason: httpsource.Disabled},
		{status: 302, tries: 1, reason: httpsource.Invalid},
		{status: 429, tries: 5, reason: httpsource.Throttled},
		{status: 500, tries: 5, reason: httpsource.Unreachable},
		{status: 0, tries: 5, reason: httpsource.Unreachable},
		{status: 200, verdict: httpsource.Verdict{Reason: httpsource.Denied, Code: "10000", Message: "Authentication error"}, tries: 1, reason: httpsource.Denied},
		{status: 403, verdict: httpsource.Verdict{Reason: httpsource.Throttled}, tries: 5, reason: httpsource.Throttled},
	} {
		t.Run(fmt.Sprint(tc.status, tc.verdict.Reason), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return tc.status, nil, "no" }}
				c := client(t, a, httpsource.Config{Classify: func(*httpsource.Answer) httpsource.Verdict { return tc.verdict }})
				_, err := c.Get(t.Context(), "/x", nil)
				var failure *httpsource.Error
				if !errors.As(err, &failure) || failure.GapReason() != tc.reason || failure.HTTPStatusCode() != tc.status || failure.ErrorCode() != tc.verdict.Code {
					t.Errorf("error %v", err)
				}
				if len(a.times) != tc.tries {
					t.Errorf("%d tries, want %d", len(a.times), tc.tries)
				}
			})
		})
	}
}

// A credential goes to no other host.
func TestFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	a := &api{answer: func(n int, _ *http.Request) (int, map[string]string, string) {
		if n == 1 {
			return 302, map[string]string{"Location": "https://elsewhere.example/"}, ""
		}
		return 200, nil, "{}"
	}}
	if _, err := client(t, a, httpsource.Config{}).Get(t.Context(), "/x", nil); err == nil || len(a.times) != 1 {
		t.Errorf("error %v after %d requests", err, len(a.times))
	}
}

func TestBoundsAnswers(t *testing.T) {
	t.Parallel()
	a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return 200, nil, strings.Repeat("x", 11) }}
	_, err := client(t, a, httpsource.Config{MaxBody: 10}).Get(t.Context(), "/x", nil)
	var failure *httpsource.Error
	if !errors.As(err, &failure) || failure.Reason != httpsource.Invalid || len(a.times) != 1 {
		t.Errorf("error %v after %d tries", err, len(a.times))
	}
}

// Neither the credential nor what an address or answer has of secrets is in an error.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	// One that is known by its shape, and one that is not.
	for _, secret := range []string{"ghp_0123456789abcdefghijABCDEFGHIJ012345", "Zq3jf8slw0c7k"} {
		a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return 404, nil, "no such token " + secret }}
		for name, value := range map[string]string{"Authorization": "Bearer " + secret, "X-Key": secret} {
			c := client(t, a, httpsource.Config{Header: http.Header{"Accept": {"no"}}, Authorize: func(_ context.Context, r *http.Request) error {
				r.Header.Set(name, value)
				return nil
			}})
			_, err := c.Get(t.Context(), "/x", map[string][]string{"api_key": {secret}, "page": {"2"}})
			if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "page=2") || !strings.Contains(err.Error(), "no such") {
				t.Errorf("error %v", err)
			}
		}
	}
}

// A credential that is asked for over HTTP, and refused, is not asked for again: who asked has tried as often as it helps.
func TestRefusedCredential(t *testing.T) {
	t.Parallel()
	asked := 0
	refused := &httpsource.Error{Reason: httpsource.Denied, Status: 401}
	c := client(t, &api{}, httpsource.Config{Authorize: func(context.Context, *http.Request) error { asked++; return refused }})
	if _, err := c.Get(t.Context(), "/x", nil); !errors.Is(err, refused) || asked != 1 {
		t.Errorf("error %v, asked %d times", err, asked)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return 503, nil, "" }}
		c := client(t, a, httpsource.Config{})
		ended := errors.New("ended")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(ended)
		if _, err := c.Get(ctx, "/x", nil); !errors.Is(err, ended) {
			t.Errorf("error %v", err)
		}
	})
}

// After the end of its context a request is neither sent nor called throttled.
func TestIsNotBegunAfterItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(int, *http.Request) (int, map[string]string, string) { return 200, nil, "{}" }}
		c := client(t, a, httpsource.Config{PerSecond: 0.1, Burst: 1})
		ended := errors.New("ended")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ended)
		defer cancel()
		if _, err := c.Get(ctx, "/x", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if _, err := c.Get(ctx, "/x", nil); !errors.Is(err, ended) || len(a.times) != 1 {
			t.Errorf("error %v after %d requests", err, len(a.times))
		}
	})
}

// A request that the end of its context cuts off says so, and not that the source is unreachable.
func TestIsCutOffByItsContext(t *testing.T) {
	t.Parallel()
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	a := &api{answer: func(int, *http.Request) (int, map[string]string, string) {
		cancel(ended)
		return 0, nil, ""
	}}
	_, err := client(t, a, httpsource.Config{}).Get(ctx, "/x", nil)
	var failure *httpsource.Error
	if !errors.Is(err, ended) || errors.As(err, &failure) {
		t.Errorf("error %v", err)
	}
}

func TestRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "api.example.com", "http://api.example.com", "http://127.example.com", "https://user:word@api.example.com", "https://api.example.com?x=1", "https://"} {
		if _, err := httpsource.New(httpsource.Config{Base: base}); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
	if _, err := httpsource.New(httpsource.Config{Base: "http://127.0.0.1:8080"}); err != nil {
		t.Error(err)
	}
}
