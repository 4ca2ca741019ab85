package cloudtrail

import (
	"strings"

	"polo/producers/cloudtrail/jsontext"
)

// isInsight reports whether a record describes unusual activity.
func (r *record) isInsight() bool {
	return r.eventCategory == "Insight" || r.eventType == "AwsCloudTrailInsight" || r.eventType == "" && r.insight != ""
}

// isAggregated reports whether a record sums up some minutes of data events.
func (r *record) isAggregated() bool {
	return r.eventCategory == "Aggregated" || r.eventType == "AwsAggregatedEvent"
}

// namesNoCall reports whether records of this category describe something other than a call: AWS
// Config's items and audit evidence in CloudTrail Lake, and whatever AWS adds.
func (r *record) namesNoCall() bool {
	switch r.eventCategory {
	case "", "Management", "Data", "NetworkActivity":
		return false
	}
	return true
}

// isNamed reports whether a record states a time and a call.
func (r *record) isNamed() bool {
	return r.eventTime != "" && (r.eventName != "" || r.eventSource != "")
}

// lacks returns the missing members that the record's category requires, "" if there are none.
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

// fill sets members from other parts of the record, for categories and exporters that store them
// elsewhere.
func (r *record) fill() {
	switch {
	case r.isAggregated():
		r.fillFromAggregate()
	case r.isInsight(): //mutant:insight-needs-names
		r.fillFromInsight()
	}
	if r.eventTime == "" && r.stamp != "" && (r.eventName != "" || r.eventSource != "" || r.isInsight()) {
		// Exporters to Elasticsearch move the time to @timestamp.
		r.eventTime, r.timeName = r.stamp, "@timestamp"
	}
}

// fillFromInsight sets the names from insightDetails. A record of an event data store has them
// beside it, and is rewritten in the form of a trail's.
func (r *record) fillFromInsight() {
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

// lakeInsight holds the members that an event data store has in place of insightDetails.
type lakeInsight struct{ source, state, eventSource, eventName, errorCode, typ, context string }

// lakeMember reads the member if it is one of these, and reports whether it is.
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

// aggregate holds what an aggregated event has in place of a time and a call.
type aggregate struct{ window, windowEnd, summary string }

func (r *record) aggregated() *aggregate {
	if r.aggregate == nil {
		r.aggregate = &aggregate{}
	}
	return r.aggregate
}

// fillFromAggregate sets the time from the window, and the resource, call or caller from the
// summary's first dimension if that has one group.
func (r *record) fillFromAggregate() {
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

// primaryDimension returns a summary's first dimension, and its group's name if there is only
// one.
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

// member returns the text of an object's member, "" if it is missing.
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
