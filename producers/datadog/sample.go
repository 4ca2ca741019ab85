package datadog

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"polo/internal/httpsource"
)

// sample is one measurement of what an organisation used in an hour, or a month.
type sample struct {
	organisation, organisationName string
	// family is the product family, "" if neither the answer nor its request names one.
	family, name string
	from, to     time.Time
	value        float64
	// dimensions tell measurements of one name apart; notes do not.
	dimensions, notes, tags map[string]string
}

// measured is what an answer about usage states.
type measured struct {
	samples []sample
	// items are those of the answer.
	items int
	// missing is the number of measurements without a value: no sample, and no zero.
	missing int
	// idle is the number of items that state no measurement at all.
	idle int
	// next is the cursor of the page that follows, "" after the last one.
	next string
}

// usageAnswer has the forms of the usage APIs: v1 lists items in usage, v2 in data.
type usageAnswer struct {
	Usage    []map[string]any `json:"usage"`
	Data     []usageItem      `json:"data"`
	Metadata usagePages       `json:"metadata"`
	Meta     usagePages       `json:"meta"`
}

type usagePages struct {
	Pagination struct {
		Next *string `json:"next_record_id"`
	} `json:"pagination"`
}

func (p usagePages) next() string {
	if p.Pagination.Next == nil {
		return ""
	}
	return *p.Pagination.Next
}

type usageItem struct {
	Attributes struct {
		OrgName      string `json:"org_name"`
		PublicID     string `json:"public_id"`
		Account      string `json:"account_public_id"`
		Family       string `json:"product_family"`
		Region       string `json:"region"`
		UsageType    string `json:"usage_type"`
		Timestamp    string `json:"timestamp"`
		Measurements []struct {
			UsageType string       `json:"usage_type"`
			Value     *json.Number `json:"value"`
		} `json:"measurements"`
		Timeseries []struct {
			Timestamp string       `json:"timestamp"`
			Value     *json.Number `json:"value"`
		} `json:"timeseries"`
	} `json:"attributes"`
}

// measure reads an answer about usage. family is what its request names.
//
// Source: Datadog, "Usage Metering" API, get hourly usage by product family, and the
// calls of v1.
func measure(a *httpsource.Answer, family string) (measured, error) {
	var body usageAnswer
	if err := a.Decode(&body); err != nil {
		return measured{}, err
	}
	if body.Usage == nil && body.Data == nil {
		return measured{}, a.Invalid("its answer has neither usage nor data")
	}
	m := measured{items: len(body.Data) + len(body.Usage), next: body.Meta.next() + body.Metadata.next()}
	for i, item := range body.Data {
		if err := m.counted(func() error { return m.item(item, family) }); err != nil {
			return measured{}, a.Invalid("item %d: %w", i+1, err)
		}
	}
	for i, item := range body.Usage {
		if err := m.counted(func() error { return m.usage(item, family) }); err != nil {
			return measured{}, a.Invalid("item %d: %w", i+1, err)
		}
	}
	return m, nil
}

// counted reads an item, and counts it if it states nothing.
func (m *measured) counted(read func() error) error {
	before := len(m.samples) + m.missing
	err := read()
	if len(m.samples)+m.missing == before {
		m.idle++
	}
	return err
}

// item reads an item of v2: the measurements of an hour, or an hour's value for each of
// several.
func (m *measured) item(item usageItem, family string) error {
	at := item.Attributes
	s := sample{organisation: at.PublicID, organisationName: at.OrgName, family: at.Family, name: at.UsageType, dimensions: map[string]string{}}
	if s.family == "" {
		s.family = family
	}
	for name, v := range map[string]string{"region": at.Region, "account_public_id": at.Account} {
		if v != "" {
			s.dimensions[name] = v
		}
	}
	for _, v := range at.Measurements {
		s.name = v.UsageType
		if err := m.add(s, at.Timestamp, time.Hour, v.Value); err != nil {
			return err
		}
	}
	for _, v := range at.Timeseries {
		if s.name == "" {
			s.name = s.family
		}
		if err := m.add(s, v.Timestamp, time.Hour, v.Value); err != nil {
			return err
		}
	}
	return nil
}

// usage reads an item of v1: each of its numbers is a measurement, but for those that say
// what was measured.
func (m *measured) usage(item map[string]any, family string) error {
	s := sample{family: family, dimensions: map[string]string{}, notes: map[string]string{}, tags: map[string]string{}}
	hour, month := textOf(item["hour"]), textOf(item["month"])
	s.organisation, s.organisationName = textOf(item["public_id"]), textOf(item["org_name"])
	values := map[string]*json.Number{}
	for name, v := range item {
		switch v := v.(type) {
		case json.Number:
			switch {
			case name == "org_id":
				s.notes[name] = v.String()
			case name == "retention", strings.HasSuffix(name, "_id"):
				s.dimensions[name] = v.String()
			default:
				values[name] = &v
			}
		case string:
			switch name {
			case "hour", "month", "public_id", "org_name":
			case "updated_at", "tag_config_source", "account_name":
				s.notes[name] = v
			default:
				s.dimensions[name] = v
			}
		case bool:
			s.notes[name] = fmt.Sprint(v) // a state, which may be restated
		case nil:
			if name != "tags" {
				values[name] = nil
			}
		case map[string]any:
			if err := s.nested(name, v, values); err != nil {
				return err
			}
		}
	}
	if kind := s.dimensions["usage_type"]; kind != "" && values["total_usage_sum"] != nil {
		delete(s.dimensions, "usage_type")
		values = map[string]*json.Number{kind: values["total_usage_sum"]}
	}
	at, span := hour, time.Hour
	if hour == "" {
		at, span = month, 0
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s.name = name
		if err := m.add(s, at, span, values[name]); err != nil {
			return err
		}
	}
	return nil
}

// nested reads a member that is an object: the tags, or the values, of an attribution.
func (s *sample) nested(name string, object map[string]any, values map[string]*json.Number) error {
	switch name {
	case "tags":
		for key, list := range object {
			s.tags[key] = joined(list)
			s.dimensions["tag:"+key] = s.tags[key]
		}
	case "values":
		for field, v := range object {
			switch n := v.(type) {
			case nil:
				values[field] = nil
			case json.Number:
				values[field] = &n
			default:
				return fmt.Errorf("the value of %s is no number", field)
			}
		}
	}
	return nil
}

// add adds a measurement that has a value. A span of 0 is a month.
func (m *measured) add(s sample, at string, span time.Duration, value *json.Number) error {
	if value == nil {
		m.missing++
		return nil
	}
	s.from = momentOf(at).Truncate(time.Hour)
	if s.from.IsZero() || s.name == "" {
		return fmt.Errorf("it has no time or no usage type")
	}
	if s.to = s.from.Add(span); span == 0 {
		s.from = monthOf(s.from)
		s.to = s.from.AddDate(0, 1, 0)
	}
	v, err := value.Float64()
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is no finite number", s.name)
	}
	s.value = v
	m.samples = append(m.samples, s)
	return nil
}
