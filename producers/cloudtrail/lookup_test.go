package cloudtrail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"
	"github.com/cenkalti/backoff/v4"
	"golang.org/x/time/rate"

	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

// trail is a fake LookupEvents: newest first, page tokens valid only with the same parameters,
// and faults on demand.
type trail struct {
	records []trailed
	tokens  map[string]string // token -> the parameters it was made for
	calls   []time.Time
	// expire is the number of the call, from 1, before which all tokens expire.
	expire int
	// fault, if set, answers the nth call, from 1.
	fault func(call int) error
}

type trailed struct {
	at   time.Time
	text string
}

func newTrail(start time.Time, n int, every time.Duration) *trail {
	t := &trail{tokens: make(map[string]string)}
	for i := range n {
		at := start.Add(time.Duration(i) * every)
		text := call{source: "s3", name: "ListBuckets", eventID: fmt.Sprintf("e-%04d", i), time: strconv.Quote(at.Format(time.RFC3339))}.json()
		t.records = append(t.records, trailed{at, text})
	}
	return t
}

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "Rate exceeded"}
}

func (t *trail) LookupEvents(_ context.Context, in *sdk.LookupEventsInput, opts ...func(*sdk.Options)) (*sdk.LookupEventsOutput, error) {
	t.calls = append(t.calls, time.Now())
	var o sdk.Options
	for _, opt := range opts {
		opt(&o)
	}
	if _, off := o.Retryer.(aws.NopRetryer); !off {
		return nil, errors.New("the client retries too")
	}
	if t.fault != nil {
		if err := t.fault(len(t.calls)); err != nil {
			return nil, err
		}
	}
	if len(t.calls) == t.expire {
		clear(t.tokens)
	}
	params := fmt.Sprint(in.StartTime, in.EndTime, aws.ToInt32(in.MaxResults))
	from := 0
	if token := aws.ToString(in.NextToken); token != "" {
		if t.tokens[token] != params {
			return nil, apiError("InvalidNextTokenException")
		}
		if _, err := fmt.Sscanf(token, "token-%d-", &from); err != nil {
			return nil, err
		}
	}
	var hits []trailed
	for _, r := range slices.Backward(t.records) {
		if !r.at.Before(*in.StartTime) && !r.at.After(*in.EndTime) {
			hits = append(hits, r)
		}
	}
	out := &sdk.LookupEventsOutput{}
	to := min(len(hits), from+int(aws.ToInt32(in.MaxResults)))
	for _, r := range hits[from:to] {
		out.Events = append(out.Events, types.Event{CloudTrailEvent: aws.String(r.text)})
	}
	if to < len(hits) {
		token := fmt.Sprintf("token-%d-%d", to, len(t.tokens))
		t.tokens[token] = params
		out.NextToken = &token
	}
	return out, nil
}

var (
	lookupStart = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	lookupEnd   = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
)

func lookup(client cloudtrail.LookupClient) cloudtrail.Lookup {
	return cloudtrail.Lookup{
		Client: client, Account: account, Region: region, Start: lookupStart, End: lookupEnd,
		Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed,
	}
}

func distinct(c *recorder) int {
	ids := make(map[string]bool)
	for _, e := range c.Events {
		ids[e.EventID.String()] = true
	}
	return len(ids)
}

// TestLookup: a day is read completely, in spite of faults, and within the rate limit.
func TestLookup(t *testing.T) {
	t.Parallel()
	faults := map[string]func(int) error{
		"none": nil,
		"throttled": func(n int) error {
			if n%3 == 0 {
				return apiError("ThrottlingException")
			}
			return nil
		},
		"server errors": func(n int) error {
			if n == 2 || n == 3 {
				return apiError("InternalFailure")
			}
			return nil
		},
		"connection lost": func(n int) error {
			if n == 4 {
				return errors.New("read tcp: connection reset by peer")
			}
			return nil
		},
		"token expired": nil,
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newTrail(lookupStart, 700, 2*time.Minute)
				client.fault = fault
				if name == "token expired" {
					client.expire = 3
				}
				var c recorder
				s, err := lookup(client).Collect(t.Context(), &c)
				if err != nil {
					t.Fatal(err)
				}
				if got := distinct(&c); got != 700 || s.Read < 700 || s.Read != int64(len(c.Events)) {
					t.Errorf("%d distinct events of %d read, want 700", got, s.Read)
				}
				for i := 2; i < len(client.calls); i++ {
					if d := client.calls[i].Sub(client.calls[i-2]); d < time.Second-time.Millisecond {
						t.Errorf("three requests within %s", d)
					}
				}
			})
		})
	}
}

// TestLookupErrors: a lookup that fails permanently says how far it came.
func TestLookupErrors(t *testing.T) {
	t.Parallel()
	always := func(code string) func(int) error { return func(int) error { return apiError(code) } }
	cases := map[string]struct {
		fault func(int) error
		limit time.Duration
		is    error
		calls int
		until time.Time
	}{
		"denied":            {always("AccessDeniedException"), 0, cloudtrail.ErrAccessDenied, 1, lookupStart},
		"refused":           {always("InvalidTimeRangeException"), 0, nil, 1, lookupStart},
		"throttled forever": {always("ThrottlingException"), 0, nil, -1, lookupStart},
		"deadline": {func(n int) error {
			if n > 7 {
				return apiError("ThrottlingException")
			}
			return nil
		}, 20 * time.Second, context.DeadlineExceeded, -1, lookupStart.Add(6 * time.Hour)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.limit)
					defer cancel()
				}
				client := newTrail(lookupStart, 700, 2*time.Minute)
				client.fault = tc.fault
				began := time.Now()
				_, err := lookup(client).Collect(ctx, &recorder{})
				var le *cloudtrail.LookupError
				if !errors.As(err, &le) || tc.is != nil && !errors.Is(err, tc.is) {
					t.Fatalf("error %v, want a *LookupError of %v", err, tc.is)
				}
				if !le.ReadUntil.Equal(tc.until) || le.Account != account || le.Region != region {
					t.Errorf("%+v, want complete until %s", le, tc.until)
				}
				if tc.calls > 0 && len(client.calls) != tc.calls {
					t.Errorf("%d calls, want %d", len(client.calls), tc.calls)
				}
				if took := time.Since(began); took > 10*time.Minute {
					t.Errorf("gave up after %s", took)
				}
			})
		})
	}
}

// TestLookupRejects: an unreadable record does not affect the others.
func TestLookupRejects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newTrail(lookupStart, 5, time.Minute)
		client.records[1].text = `{"eventTime":`
		client.records[2].text = ""
		var c recorder
		s, err := lookup(client).Collect(t.Context(), &c)
		if err != nil || s.Read != 5 || len(c.Events) != 3 || s.Rejected[queue.ReasonMalformedRecord] != 2 {
			t.Errorf("error %v, summary %+v, %d events", err, s, len(c.Events))
		}
	})
}

// TestLookupThroughSDK: the real client's errors are classified: AWS throttles with an HTTP 400.
func TestLookupThroughSDK(t *testing.T) {
	t.Parallel()
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch {
		case !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".LookupEvents"):
			w.WriteHeader(http.StatusNotFound)
		case calls <= 2:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		case calls == 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			text, err := json.Marshal(call{source: "s3", name: "ListBuckets"}.json())
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, `{"Events":[{"EventId":"x","EventTime":1772359872.0,"CloudTrailEvent":%s}]}`, text)
		}
	}))
	t.Cleanup(server.Close)
	l := lookup(sdk.New(sdk.Options{
		Region: region, BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "example"}, nil
		}),
	}))
	l.End = lookupStart.Add(time.Hour)
	l.Limiter = rate.NewLimiter(rate.Inf, 1)
	l.Backoff = func() backoff.BackOff { return backoff.NewConstantBackOff(time.Millisecond) }
	var c recorder
	s, err := l.Collect(t.Context(), &c)
	if err != nil || s.Read != 1 || len(c.Events) != 1 || calls != 4 {
		t.Errorf("error %v, read %d, %d calls; want one record after four", err, s.Read, calls)
	}
}
