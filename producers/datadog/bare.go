package datadog

import (
	"bytes"
	"encoding/json"
)

// bareCall returns the call whose answers have these members; false if that may be any
// API's. It sees all kinds of text, so it looks at the first bytes and no deeper than at
// the first item.
func bareCall(body []byte) (call, bool) {
	text := bytes.TrimSpace(body)
	if len(text) == 0 {
		return call{}, false
	}
	switch text[0] {
	case '[':
		var items []json.RawMessage
		if json.Unmarshal(text, &items) == nil && len(items) > 0 && has(items[0], "id", "type", "query", "options") && hasAny(items[0], "overall_state", "message") {
			return call{source: InventorySource, shape: kindMonitor}, true
		}
	case '{':
		return bareObject(text)
	}
	return call{}, false
}

func bareObject(text []byte) (call, bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(text, &m) != nil {
		return call{}, false
	}
	var errs []string
	if len(m) == 1 && json.Unmarshal(m["errors"], &errs) == nil && len(errs) > 0 {
		return call{why: "the answer is an error"}, true
	}
	for member, c := range map[string]struct {
		names []string
		call  call
	}{
		"host_list":  {[]string{"aliases"}, call{source: InventorySource, shape: kindHost}},
		"dashboards": {[]string{"id", "layout_type"}, call{source: InventorySource, shape: kindDashboard}},
		"tests":      {[]string{"public_id", "monitor_id"}, call{source: InventorySource, shape: kindSynthetics}},
	} {
		if has(first(m[member]), c.names...) {
			return c.call, true
		}
	}
	switch item := first(m["usage"]); {
	case has(item, "month", "values"), has(item, "hour", "total_usage_sum"):
		return call{source: AttributionSource}, true
	case has(item, "hour"):
		return call{source: UsageSource}, true
	case has(item, "metric_name", "avg_metric_hour"):
		return call{why: whyHourless}, true
	}
	return bareData(m["data"])
}

// bareData tells answers of the form {"data": [{"type": ..., "attributes": ...}]} apart,
// by their types and, as others use the same words, a member.
func bareData(data json.RawMessage) (call, bool) {
	item := first(data)
	if item == nil {
		item = data
	}
	var d struct {
		Type       string          `json:"type"`
		Attributes json.RawMessage `json:"attributes"`
	}
	if json.Unmarshal(item, &d) != nil {
		return call{}, false
	}
	a := d.Attributes
	switch d.Type {
	case "cost_by_org":
		return call{source: Source}, has(a, "charges", "public_id")
	case "projected_cost":
		return call{why: whyProjected}, has(a, "public_id")
	case "cost_by_tag":
		return call{source: AttributionSource, shape: shapeCostByTag}, has(a, "values", "month")
	case "usage_timeseries":
		return call{source: UsageSource}, hasAny(a, "measurements", "timeseries")
	case "audit":
		return call{source: AuditSource}, has(a, "timestamp")
	case "reports":
		return call{why: whyReport}, has(a, "computed_on")
	case "budget":
		return call{why: whyOthers}, has(a, "metrics_query")
	case "aws_cur_config", "azure_uc_config", "azure_uc_configs", "gcp_uc_config":
		return call{why: whyOthers}, true
	}
	return call{}, false
}

// first returns the first item of a JSON list, or nil.
func first(list json.RawMessage) json.RawMessage {
	var items []json.RawMessage
	if json.Unmarshal(list, &items) != nil || len(items) == 0 {
		return nil
	}
	return items[0]
}

func has(object json.RawMessage, names ...string) bool {
	var m map[string]json.RawMessage
	if json.Unmarshal(object, &m) != nil {
		return false
	}
	for _, n := range names {
		if _, ok := m[n]; !ok {
			return false
		}
	}
	return true
}

func hasAny(object json.RawMessage, names ...string) bool {
	for _, n := range names {
		if has(object, n) {
			return true
		}
	}
	return false
}
