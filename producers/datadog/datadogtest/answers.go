package datadogtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// answers returns what answers requests, by path.
func answers() map[string]func(*State, url.Values) ([]byte, error) {
	return map[string]func(*State, url.Values) ([]byte, error){
		"/api/v2/usage/historical_cost":                historical,
		"/api/v2/usage/estimated_cost":                 estimated,
		"/api/v2/usage/hourly_usage":                   hourly,
		"/api/v2/cost_by_tag/monthly_cost_attribution": costByTag,
		"/api/v1/usage/monthly-attribution":            usageByTag,
		"/api/v1/hosts":                                hosts,
		"/api/v1/monitor":                              monitors,
		"/api/v1/dashboard":                            dashboards,
		"/api/v1/synthetics/tests":                     tests,
		"/api/v2/audit/events":                         audit,
	}
}

func historical(s *State, q url.Values) ([]byte, error) {
	month, err := time.Parse("2006-01", q.Get("start_month"))
	if err != nil || q.Get("end_month") != q.Get("start_month") {
		return nil, errors.New("the parameters 'start_month' and 'end_month' are not one month")
	}
	return json.Marshal(object{"data": s.statements(month, s.Final[q.Get("start_month")], q)})
}

func estimated(s *State, q url.Values) ([]byte, error) {
	from, err := time.Parse(time.DateOnly, q.Get("start_date"))
	to, err2 := time.Parse(time.DateOnly, q.Get("end_date"))
	if err != nil || err2 != nil || to.Before(from) || from.Day() != 1 {
		return nil, errors.New("the parameters 'start_date' and 'end_date' are no days from the 1st on")
	}
	all := []object{}
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		all = append(all, s.statements(d, s.Estimates[d.Format(time.DateOnly)], q)...)
	}
	return json.Marshal(object{"data": all})
}

// statements returns one for each organisation, or one of all under the parent's name.
func (s *State) statements(at time.Time, charges []Charge, q url.Values) []object {
	byOrg := map[string][]object{}
	for _, c := range charges {
		org := c.Organisation
		if q.Get("view") != "sub-org" {
			org = s.Organisations[0]
		}
		byOrg[org] = append(byOrg[org], object{"product_name": c.Product, "charge_type": c.Type, "cost": json.Number(c.Cost)})
	}
	all := []object{}
	for _, org := range slices.Sorted(maps.Keys(byOrg)) {
		all = append(all, object{"type": "cost_by_org", "id": org + at.Format(time.DateOnly), "attributes": object{
			"org_name": "Org " + org, "public_id": org, "date": at.Format(time.RFC3339), "charges": byOrg[org],
		}})
	}
	return all
}

func hourly(s *State, q url.Values) ([]byte, error) {
	const hour = "2006-01-02T15"
	from, err := time.Parse(hour, q.Get("filter[timestamp][start]"))
	to, err2 := time.Parse(hour, q.Get("filter[timestamp][end]"))
	if err != nil || err2 != nil || to.Sub(from) > 24*time.Hour || q.Get("filter[product_families]") == "" {
		return nil, errors.New("a filter is missing, or is of more than 24 hours")
	}
	type key struct{ at, org, family string }
	var order []key
	byKey := map[key][]object{}
	for _, m := range s.Usage {
		if m.Hour.Before(from) || !m.Hour.Before(to) || q.Get("filter[include_descendants]") != "true" && m.Organisation != s.Organisations[0] {
			continue
		}
		k := key{m.Hour.UTC().Format(time.RFC3339), m.Organisation, m.Family}
		if byKey[k] == nil {
			order = append(order, k)
		}
		byKey[k] = append(byKey[k], object{"usage_type": m.Type, "value": json.RawMessage(m.Value)})
	}
	all := make([]any, len(order))
	for i, k := range order {
		all[i] = object{"type": "usage_timeseries", "id": fmt.Sprint(k), "attributes": object{
			"org_name": "Org " + k.org, "public_id": k.org, "product_family": k.family, "region": "us", "timestamp": k.at, "measurements": byKey[k],
		}}
	}
	page, next := s.page(all, q, "page[next_record_id]", "page[limit]", 500)
	return json.Marshal(object{"data": page, "meta": object{"pagination": object{"next_record_id": next}}})
}

// page returns a page of a list, and the cursor of the next one, which is nil after the last.
func (s *State) page(all []any, q url.Values, cursor, limit string, usual int) (page []any, next any) {
	from, _ := strconv.Atoi(q.Get(cursor))
	n, err := strconv.Atoi(q.Get(limit))
	if err != nil {
		n = usual
	}
	if s.MaxPage > 0 {
		n = min(n, s.MaxPage)
	}
	from = min(from, len(all))
	end := min(from+n, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return append([]any{}, all[from:end]...), next
}

func (s *State) attributed(items []Attributed, q url.Values) []object {
	keys := strings.Split(q.Get("tag_breakdown_keys"), ",")
	all := make([]object, len(items))
	for i, a := range items {
		values := object{}
		for field, v := range a.Values {
			values[field] = json.RawMessage(v)
		}
		tags := object{}
		for key, v := range a.Tags {
			if slices.Contains(keys, key) {
				tags[key] = v
			}
		}
		all[i] = object{
			"org_name": "Org " + a.Organisation, "public_id": a.Organisation, "month": q.Get("start_month") + "-01T00:00:00Z",
			"tag_config_source": s.TagConfig, "tags": tags, "updated_at": "2026-01-01T00", "values": values,
		}
	}
	return all
}

func costByTag(s *State, q url.Values) ([]byte, error) {
	var all []any
	for _, a := range s.attributed(s.CostByTag[q.Get("start_month")], q) {
		all = append(all, object{"type": "cost_by_tag", "id": "x", "attributes": a})
	}
	page, next := s.page(all, q, "next_record_id", "", 500)
	return json.Marshal(object{"data": page, "meta": object{"pagination": object{"next_record_id": next}}})
}

func usageByTag(s *State, q url.Values) ([]byte, error) {
	var all []any
	for _, a := range s.attributed(s.UsageByTag[q.Get("start_month")], q) {
		all = append(all, a)
	}
	page, next := s.page(all, q, "next_record_id", "", 500)
	return json.Marshal(object{"usage": page, "metadata": object{"pagination": object{"next_record_id": next}}})
}

// items returns the items of a page, whose start is counted in items, or in pages.
func (s *State) items(all []string, q url.Values, at, count string, byPage bool) []any {
	raw := make([]any, len(all))
	for i, text := range all {
		raw[i] = json.RawMessage(text)
	}
	if byPage {
		n, _ := strconv.Atoi(q.Get(at))
		size, _ := strconv.Atoi(q.Get(count))
		q = url.Values{at: {strconv.Itoa(n * size)}, count: {strconv.Itoa(size)}}
	}
	page, _ := s.page(raw, q, at, count, 100)
	return page
}

func hosts(s *State, q url.Values) ([]byte, error) {
	page := s.items(s.Hosts, q, "start", "count", false)
	return json.Marshal(object{"host_list": page, "total_returned": len(page), "total_matching": len(s.Hosts) + s.Promised})
}

func monitors(s *State, q url.Values) ([]byte, error) {
	return json.Marshal(s.items(s.Monitors, q, "page", "page_size", true))
}

func dashboards(s *State, q url.Values) ([]byte, error) {
	return json.Marshal(object{"dashboards": s.items(s.Dashboards, q, "start", "count", false)})
}

func tests(s *State, q url.Values) ([]byte, error) {
	return json.Marshal(object{"tests": s.items(s.Tests, q, "page_number", "page_size", true)})
}

func audit(s *State, q url.Values) ([]byte, error) {
	from, err := time.Parse(time.RFC3339, q.Get("filter[from]"))
	to, err2 := time.Parse(time.RFC3339, q.Get("filter[to]"))
	if err != nil || err2 != nil || q.Get("sort") != "timestamp" {
		return nil, errors.New("a filter or the sort is missing")
	}
	all := []any{}
	for _, e := range s.Audit {
		if !e.At.Before(from) && e.At.Before(to) {
			all = append(all, object{"type": "audit", "id": e.ID, "attributes": object{
				"timestamp": e.At.UTC().Format(time.RFC3339Nano), "service": "datadog", "message": "an event", "attributes": json.RawMessage(e.Attributes),
			}})
		}
	}
	page, next := s.page(all, q, "page[cursor]", "page[limit]", 10)
	meta := object{"status": "done", "page": object{}}
	if next != nil {
		meta["page"] = object{"after": next}
	}
	return json.Marshal(object{"data": page, "meta": meta})
}
