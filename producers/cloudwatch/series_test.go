package cloudwatch_test

import (
	"testing"
	"time"

	"polo/producers"
	"polo/producers/cloudwatch"
	"polo/producers/source"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		v, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	hour := producers.Window{From: at("2026-03-01 11:07:30"), To: at("2026-03-01 12:07:30")}
	for name, c := range map[string]struct {
		period, lookback int
		from, to         string
	}{
		"minutes":                    {60, 0, "2026-03-01 11:07:00", "2026-03-01 12:07:00"},
		"five minutes":               {300, 0, "2026-03-01 11:05:00", "2026-03-01 12:05:00"},
		"as long as the window":      {3600, 0, "2026-03-01 11:00:00", "2026-03-01 12:00:00"},
		"longer than the window":     {86_400, 0, "2026-02-28 00:00:00", "2026-03-01 00:00:00"},
		"with a lookback":            {86_400, 2 * 86_400, "2026-02-27 00:00:00", "2026-03-01 00:00:00"},
		"a lookback within a period": {300, 60, "2026-03-01 11:05:00", "2026-03-01 12:05:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := cloudwatch.Span(cloudwatch.Metric{Period: c.period, Lookback: c.lookback}, hour)
			if !from.Equal(at(c.from)) || !to.Equal(at(c.to)) {
				t.Errorf("from %v to %v", from, to)
			}
		})
	}
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	one := func(more string) string {
		return `{"metrics":[{"namespace":"N","metric":"m","stats":["Sum"],"period":60` + more + `}]}`
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"least":             {one(""), true},
		"all":               {one(`,"dimensions":{"a":"b*"},"unit":"Count","lookback":3600`), true},
		"high resolution":   {`{"metrics":[{"namespace":"N","metric":"m","stats":["p99"],"period":10}]}`, true},
		"nothing":           {``, false},
		"no metrics":        {`{"metrics":[]}`, false},
		"no namespace":      {`{"metrics":[{"metric":"m","stats":["Sum"],"period":60}]}`, false},
		"no stats":          {`{"metrics":[{"namespace":"N","metric":"m","period":60}]}`, false},
		"an empty stat":     {`{"metrics":[{"namespace":"N","metric":"m","stats":[""],"period":60}]}`, false},
		"no period":         {`{"metrics":[{"namespace":"N","metric":"m","stats":["Sum"]}]}`, false},
		"no such period":    {`{"metrics":[{"namespace":"N","metric":"m","stats":["Sum"],"period":90}]}`, false},
		"an empty value":    {one(`,"dimensions":{"a":""}`), false},
		"negative lookback": {one(`,"lookback":-1`), false},
		"unknown":           {one(`,"dimension":{}`), false},
		"more":              {one("") + `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := cloudwatch.ParseConfig([]byte(c.text)); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	s := cloudwatch.Registration()
	for text, ok := range map[string]bool{cpu: true, "": false} {
		made, err := s.New(source.Deps{Getenv: func(string) string { return text }})
		if (err == nil) != ok || ok && made.Source() != s.Name {
			t.Errorf("%q: %v, %v", text, made, err)
		}
	}
}
