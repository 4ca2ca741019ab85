package cloudtrail

import (
	"strings"

	"polo/producers/cloudtrail/jsontext"
)

// isInsight reports whether a record tells of unusual activity.
func (r *record) isInsight() bool {
	return r.eventCategory == "Insight" || r.eventType == "AwsCloudTrailInsight" || r.eventType == "" && r.insight != ""
}

// isAggregated reports whether a record sums up the data events of some minutes.
func (r *record) isAggregated() bool {
	return r.eventCategory == "Aggregated" || r.eventType == "AwsAggregatedEvent"
}

// namesNoCall reports whether records of this category tell of something else than a
// call: AWS Config's items and audit evidence in CloudTrail Lake, and whatever AWS adds.
func (r *record) namesNoCall() bool {
	switch r.eventCategory {
	case "", "Management", "Data", "NetworkActivity":
		return false
	}
	return true
}

// isNamed reports whether a record tells when what was called.
func (r *record) isNamed() bool {
	return r.eventTime != "" && (r.eventName != "" || r.eventSource != "")
}

// lacks names the members that a record of its category must have and has not, "" where
// it is whole.
func (r *record) lacks() string {
	switch {
	case r.eventTime == "" && r.isAggregated():
		return "timeWindow.windowStart"
	case r.eventTime == "":
		return "eventTime"
	case r.eventName != "" || r.eventSource != "" || r.isAggregated():
		return ""
	case r.isInsight() && r.insight == "":
		return "insightDetails"
	case r.isInsight() || r.namesNoCall():
		return ""
	}
	return "eventName and eventSource"
}

// settle puts what a record has elsewhere to where others have it.
func (r *record) settle() {
	switch {
	case r.isAggregated():
		r.settleAggregated()
	case r.isInsight():
		r.settleInsight()
	}
	if r.eventTime == "" && r.stamp != "" && (r.eventName != "" || r.eventSource != "" || r.isInsight()) {
		// Exporters to Elasticsearch move the time there.
		r.eventTime, r.timeName = r.stamp, "@timestamp"
	}
}

// settleInsight takes the names out of insightDetails. A record of an event data store has
// them beside it, and is written as one of a trail.
func (r *record) settleInsight() {
	if r.insight == "" && r.lake != nil {
		r.insight = r.lake.details()
	}
	c := jsontext.New(r.insight)
	if c.Peek() != '{' {
		return
	}
	for ok := c.Enter(); ok; ok = c.More() {
		switch jsontext.Unescape(c.Name()) {
		case "eventSource":
			r.eventSource = firstOf(r.eventSource, c.Scalar())
		case "eventName":
			r.eventName = firstOf(r.eventName, c.Scalar())
		case "state":
			r.insightState = c.Scalar()
		default:
			c.Skip()
		}
	}
}

// lakeInsight is what an event data store has in place of insightDetails.
type lakeInsight struct{ source, state, eventSource, eventName, errorCode, typ, context string }

// lakeMember reads one of these by its name, and reports whether it is one.
func (r *record) lakeMember(name string, c *jsontext.Cursor) bool {
	if r.lake == nil {
		r.lake = &lakeInsight{}
	}
	switch l := r.lake; name {
	case "insightSource":
		l.source = c.Scalar()
	case "insightState":
		l.state = c.Scalar()
	case "insightEventSource":
		l.eventSource = c.Scalar()
	case "insightEventName":
		l.eventName = c.Scalar()
	case "insightErrorCode":
		l.errorCode = c.Scalar()
	case "insightType":
		l.typ = c.Scalar()
	case "insightContext":
		l.context = c.Object()
	default:
		return false
	}
	return true
}

func (l *lakeInsight) details() string {
	b := []byte{'{'}
	for _, m := range [...]struct{ name, value string }{
		{"errorCode", l.errorCode},
		{"eventName", l.eventName},
		{"eventSource", l.eventSource},
		{"insightSource", l.source},
		{"insightType", l.typ},
		{"state", l.state},
	} {
		if m.value == "" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendQuoted(b, m.name), ':')
		b = jsontext.AppendQuoted(b, m.value)
	}
	if l.context != "" {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(b, `"insightContext":`...), l.context...)
	}
	return string(append(b, '}'))
}

// aggregate is what an aggregated event has in place of a time and a call.
type aggregate struct{ window, windowEnd, summary string }

func (r *record) aggregated() *aggregate {
	if r.aggregate == nil {
		r.aggregate = &aggregate{}
	}
	return r.aggregate
}

// settleAggregated takes the time out of the window, and what the record is about out of
// the summary's first dimension where that names one thing.
func (r *record) settleAggregated() {
	a := r.aggregated()
	c := jsontext.New(a.window)
	if c.Peek() == '{' {
		for ok := c.Enter(); ok; ok = c.More() {
			switch jsontext.Unescape(c.Name()) {
			case "windowStart":
				r.eventTime, r.timeName = firstOf(r.eventTime, c.Scalar()), "timeWindow.windowStart"
			case "windowEnd":
				a.windowEnd = c.Scalar()
			default:
				c.Skip()
			}
		}
	}
	if r.recipient == "" {
		r.recipient = r.account
	}
	switch dimension, name := primaryDimension(a.summary); {
	case name == "":
	case dimension == "resourceARN":
		if r.resources == "" || r.resources == "null" {
			r.resources = string(append(jsontext.AppendQuoted([]byte(`[{"ARN":`), name), "}]"...))
		}
	case dimension == "eventName":
		r.eventName = firstOf(r.eventName, name)
	case dimension == "userIdentity" && r.identity == "" && strings.HasPrefix(name, "arn:"):
		r.identity = string(append(jsontext.AppendQuoted([]byte(`{"arn":`), name), '}'))
	}
}

// primaryDimension reads what a summary is grouped by, and the name of its group if it
// has one alone.
func primaryDimension(summary string) (dimension, name string) {
	c := jsontext.New(member(summary, "primaryDimension"))
	if c.Peek() != '{' {
		return "", ""
	}
	groups := 0
	for ok := c.Enter(); ok; ok = c.More() {
		switch jsontext.Unescape(c.Name()) {
		case "dimension":
			dimension = c.Scalar()
		case "statistics":
			if c.Peek() != '[' {
				c.Skip()
				break
			}
			for ok := c.Enter(); ok; ok = c.More() {
				groups++
				group := jsontext.New(member(c.Skip(), "name"))
				name = group.Scalar()
			}
		default:
			c.Skip()
		}
	}
	if groups != 1 {
		name = ""
	}
	return dimension, name
}

// member is the text of an object's member, "" where there is none.
func member(object, name string) (value string) {
	c := jsontext.New(object)
	if c.Peek() != '{' {
		return ""
	}
	for ok := c.Enter(); ok; ok = c.More() {
		if jsontext.Unescape(c.Name()) == name {
			value = c.Skip()
		} else {
			c.Skip()
		}
	}
	return value
}
