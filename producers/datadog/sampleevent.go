package datadog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/envelope"
)

// event returns the event of a sample. mark tells those of an unknown organisation or
// product apart.
func (s *sample) event(source, site, mark string) envelope.ResourceEvent {
	identity := []string{s.organisation, s.family, s.name}
	if s.organisation == "" || s.family == "" {
		identity = append(identity, mark)
	}
	for _, d := range slices.Sorted(maps.Keys(s.dimensions)) {
		identity = append(identity, d, s.dimensions[d])
	}
	value := s.value
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID(source, s.from, identity...), EventType: envelope.TypeMetricSampled, Source: source,
		TS: s.from, PeriodEnd: s.to, Platform: envelope.PlatformDatadog, AccountID: s.organisation, Region: site,
		Service: s.family, MetricValue: &value, Properties: envelope.PairsOf(s.notes),
	}
	if e.Service == "" {
		e.Service = "usage"
	}
	if IsPublicID(s.organisation) {
		e.ARN = envelope.DatadogARN(s.organisation, "", "").String()
		e.ResourceType, e.ResourceID, e.ResourceName = TypeOrganisation, s.organisation, s.organisationName
	}
	if len(s.dimensions) > 0 {
		e.Properties.Set("dimensions", jsonOf(s.dimensions))
	}
	e.Properties.Set("metric", s.name)
	e.Properties.SetSome("namespace", s.family)
	if s.to.Sub(s.from) == time.Hour {
		e.Properties.Set("period", "3600")
	}
	e.Properties.SetSome("organisation_name", s.organisationName)
	for key, v := range s.tags {
		if v != "" {
			e.Tags.Set(key, v)
		}
	}
	return e
}

// joined returns a tag's values as one text; "" for none.
func joined(list any) string {
	values, ok := list.([]any)
	if !ok {
		return textOf(list)
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = textOf(v)
	}
	slices.Sort(texts)
	return strings.Join(texts, ",")
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// jsonOf returns a map of texts as JSON, its members in order.
func jsonOf(m map[string]string) string {
	text, err := json.Marshal(m)
	if err != nil {
		return "" // a map of texts cannot fail
	}
	return string(text)
}
