package costexplorer

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
)

// page is the results of one answer of GetCostAndUsage, or of GetCostAndUsageWithResources, live
// or recorded.
type page struct{ Results []result }

// result is the costs of one period: by group, or the total if there are no groups.
type result struct {
	TimePeriod interval
	Total      map[string]amount `json:",omitempty"`
	Groups     []group           `json:",omitempty"`
	Estimated  flag
}

type interval struct{ Start, End string }

type group struct {
	Keys    []string
	Metrics map[string]amount
}

type amount struct {
	Amount text
	Unit   string
}

// text is an amount's digits: text in the API's own JSON, a number in the JSON of some programs.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, (*string)(t))
	}
	if string(raw) != "null" {
		*t = text(raw)
	}
	return nil
}

// flag is a boolean, or its text.
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(raw []byte) error {
	*f = flag(strings.EqualFold(strings.Trim(string(raw), `"`), "true"))
	return nil
}

// span parses the period: days ("2006-01-02") or hours.
func (i interval) span() (period, error) {
	from, err := parseTime(i.Start)
	if err != nil {
		return period{}, fmt.Errorf("reading a period's start: %w", err)
	}
	to, err := parseTime(i.End)
	if err != nil {
		return period{}, fmt.Errorf("reading a period's end: %w", err)
	}
	if !from.Before(to) {
		return period{}, errPeriod
	}
	return period{from, to}, nil
}

func parseTime(s string) (time.Time, error) {
	for _, layout := range [...]string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// currency returns the one currency of the page, NoCurrency if it has none or several. Amounts of
// zero may have none.
func (p page) currency() string {
	found := ""
	note := func(metrics map[string]amount) bool {
		for name, a := range metrics {
			code, ok := envelope.ParseCurrency(a.Unit)
			if !isCost(name) || !ok {
				continue
			}
			if found != "" && found != code {
				return false
			}
			found = code
		}
		return true
	}
	for _, r := range p.Results {
		if !note(r.Total) {
			return NoCurrency
		}
		for _, g := range r.Groups {
			if !note(g.Metrics) {
				return NoCurrency
			}
		}
	}
	if found == "" {
		return NoCurrency
	}
	return found
}

// pageOf returns the page of a live answer.
func pageOf(out *costexplorer.GetCostAndUsageOutput) page {
	var p page
	for _, r := range out.ResultsByTime {
		one := result{Total: amountsOf(r.Total), Estimated: flag(r.Estimated)}
		if r.TimePeriod != nil {
			one.TimePeriod = interval{aws.ToString(r.TimePeriod.Start), aws.ToString(r.TimePeriod.End)}
		}
		for _, g := range r.Groups {
			one.Groups = append(one.Groups, group{g.Keys, amountsOf(g.Metrics)})
		}
		p.Results = append(p.Results, one)
	}
	return p
}

func amountsOf(metrics map[string]types.MetricValue) map[string]amount {
	out := make(map[string]amount, len(metrics))
	for name, v := range metrics {
		out[name] = amount{text(aws.ToString(v.Amount)), aws.ToString(v.Unit)}
	}
	return out
}
