package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"polo/producers"
	"polo/producers/source"
)

// Request is the input of one run.
type Request struct {
	// Scheduled is the run's scheduled time.
	Scheduled time.Time
	// From (inclusive) and To (exclusive) set the window of a run that is not the schedule's, such as a
	// backfill; both or neither.
	From, To time.Time
	// Accounts (ids) and Regions limit the run; empty means all.
	Accounts, Regions []string
}

// ParseRequest parses the input from a schedule. That is either EventBridge Scheduler's input,
//
//	{"scheduled":"<aws.scheduler.scheduled-time>","account":"...","region":"...","from":"...","to":"..."}
//
// where all but scheduled is optional, and account and region may list several, separated by commas; or
// the event of an EventBridge rule, whose time is the scheduled time and whose detail may hold the rest.
func ParseRequest(text []byte) (Request, error) {
	var in struct {
		Scheduled  string          `json:"scheduled"`
		Account    string          `json:"account"`
		Region     string          `json:"region"`
		From       string          `json:"from"`
		To         string          `json:"to"`
		Time       string          `json:"time"`
		DetailType string          `json:"detail-type"`
		Detail     json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return Request{}, fmt.Errorf("reading the request: %w", err)
	}
	if in.DetailType != "" {
		// The account and region of a rule's event are the rule's, not a limit.
		at := in.Time
		in.Scheduled, in.Account, in.Region, in.From, in.To = "", "", "", "", ""
		if len(in.Detail) > 0 {
			if err := json.Unmarshal(in.Detail, &in); err != nil {
				return Request{}, fmt.Errorf("reading the request in detail: %w", err)
			}
		}
		in.Time = at
	}
	if in.Scheduled == "" {
		in.Scheduled = in.Time
	}
	r := Request{Accounts: List(in.Account), Regions: List(in.Region)}
	var errs []error
	for _, t := range []struct {
		name, text string
		at         *time.Time
	}{{"scheduled", in.Scheduled, &r.Scheduled}, {"from", in.From, &r.From}, {"to", in.To, &r.To}} {
		if t.text == "" {
			continue
		}
		at, err := ParseTime(t.text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.name, err))
		}
		*t.at = at
	}
	return r, errors.Join(errs...)
}

// List splits text at commas.
func List(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// ParseTime parses an RFC 3339 time, or a day as its midnight in UTC.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a time like 2026-01-02T03:04:05Z nor a day like 2026-01-02", text)
}

// window returns the time that the run covers. It depends only on the request and the settings, so that
// a run that is late or repeated reads the same.
func (r Request) window(src source.Source, s Settings) (producers.Window, error) {
	switch {
	case r.Scheduled.IsZero():
		return producers.Window{}, errors.New("no scheduled time: without it a repeated run would publish different events")
	case r.From.IsZero() != r.To.IsZero():
		return producers.Window{}, errors.New("from and to go together")
	case !r.From.IsZero() && !r.From.Before(r.To):
		return producers.Window{}, errors.New("from is not before to")
	case !r.From.IsZero():
		return producers.Window{From: r.From.UTC(), To: r.To.UTC()}, nil
	}
	period, lookback := src.Period, src.Lookback
	if s.Period >= 0 {
		period = s.Period
	}
	if s.Lookback >= 0 {
		lookback = s.Lookback
	}
	return producers.RunWindow(r.Scheduled, period, lookback)
}
