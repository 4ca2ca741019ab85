package lambda_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"polo/local/lambda"
)

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) // a Wednesday
	for text, want := range map[string]string{
		"rate(15 minutes)":            "2026-03-04T05:21:07Z",
		"rate(1 hour)":                "2026-03-04T06:06:07Z",
		"rate(2 days)":                "2026-03-06T05:06:07Z",
		"cron(0 6 * * ? *)":           "2026-03-04T06:00:00Z",
		"cron(0/15 * * * ? *)":        "2026-03-04T05:15:00Z",
		"cron(30 4 ? * MON-FRI *)":    "2026-03-05T04:30:00Z",
		"cron(30 4 ? * 1 *)":          "2026-03-08T04:30:00Z", // Sunday
		"cron(30 4 ? * 2-3,7 *)":      "2026-03-07T04:30:00Z", // Saturday
		"cron(0 0 ? * 2#1 *)":         "2026-04-06T00:00:00Z", // the first Monday
		"cron(0 0 L * ? *)":           "2026-03-31T00:00:00Z",
		"cron(0 12 1 1 ? 2027)":       "2027-01-01T12:00:00Z",
		"at(2026-03-04T05:06:08)":     "2026-03-04T05:06:08Z",
		"at(2026-03-04T05:06:07)":     "0001-01-01T00:00:00Z", // in the past
		" cron(0 12 1 1 ? 2020-2030)": "2027-01-01T12:00:00Z",
	} {
		s, err := lambda.ParseSchedule(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := s.Next(from).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s is next due at %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"every day": "none of", "rate(0 minutes)": "a rate is", "rate(5 seconds)": "a rate is", "rate(9999999999999999999 days)": "a rate is", "rate(200000 days)": "a rate is",
		"cron(0 6 * * ?)": "six fields", "cron(0 6 * * * *)": "exactly one", "cron(0 6 ? * ? *)": "exactly one", "cron(99 6 * * ? *)": "99", "at(tomorrow)": "tomorrow",
	} {
		if _, err := lambda.ParseSchedule(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// shortly is due a few times, with growing intervals.
type shortly struct{ until time.Time }

func (s shortly) Next(t time.Time) time.Time {
	if next := t.Add(300 * time.Millisecond); next.Before(s.until) {
		return next
	}
	return time.Time{}
}

// A due job is invoked with its scheduled time, whether or not the last invocation has
// ended; a failure is retried twice.
func TestScheduler(t *testing.T) {
	t.Parallel()
	f, _, _ := newFunction(t, "orders")
	g, _, _ := newFunction(t, "orders", func(o *lambda.Options) { o.Name = "g" })
	var mu sync.Mutex
	invocations, failed := map[string]int{}, 0
	s := lambda.Scheduler{
		Retry: 10 * time.Millisecond,
		Jobs: []lambda.Job{
			{Name: "well", Function: f, Schedule: shortly{time.Now().Add(1500 * time.Millisecond)}, AtOnce: true, Input: `{"arg":"<aws.scheduler.scheduled-time>"}`},
			{Name: "badly", Function: g, Schedule: shortly{}, AtOnce: true, Input: `{"do":"error","arg":"<aws.scheduler.attempt-number>"}`},
		},
		Ended: func(j lambda.Job, due time.Time, out []byte, err error) {
			mu.Lock()
			defer mu.Unlock()
			if j.Name == "badly" {
				var e *lambda.Error
				if !errors.As(err, &e) || e.Message != "3" {
					t.Errorf("the last attempt ended with %v", err)
				}
				failed++
				return
			}
			var a answer
			if err := errors.Join(err, json.Unmarshal(out, &a)); err != nil || a.Told != due.Format(time.RFC3339) {
				t.Errorf("due at %s, invocations %q: %v", due, a.Told, err)
			}
			invocations[a.Told]++
		},
	}
	s.Run(t.Context())
	n := 0
	for _, times := range invocations {
		n += times
	}
	if n < 4 || failed != 1 || g.Stats().Invocations != 3 {
		t.Errorf("%d invocations of one, %d failures of the other after %d", n, failed, g.Stats().Invocations)
	}
}
