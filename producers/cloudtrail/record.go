package cloudtrail

import (
	"errors"
	"strings"

	"polo/internal/queue"
)

// record is one CloudTrail record, its free-form parts still as text.
type record struct {
	eventTime, eventID, eventName, eventSource   string
	eventType, eventVersion, eventCategory       string
	region, recipient, requestID, sharedEventID  string
	userAgent, sourceIP, errorCode, errorMessage string
	readOnly, vpcEndpoint, apiVersion            string
	fromConsole                                  string

	identity, request, response, additional string
	serviceDetails, insight, tls, addendum  string
	resources, edgeDevice, eventContext     string
	vpcEndpointAccount                      string

	// Only an Insight event has these, only an aggregated one that.
	insightState string
	lake         *lakeInsight
	aggregate    *aggregate

	// Only an EventBridge event has these.
	detailType, detail, source, account, time, id string
	// Only other wrappings have these.
	wrapped, configRule, invokingEvent string
	// stamp is what an exporter wrote for the time. timeName is where eventTime came from,
	// "" for its own member.
	stamp, timeName string

	// known counts the names that a CloudTrail record has.
	known, members int
	partition      string
	principal      principal
}

// errNotObject says that a record is no JSON object.
var errNotObject = errors.New("not a JSON object")

// parse reads a record's members; text is valid JSON.
func (r *record) parse(text string) error {
	c := cursor{s: text}
	if c.peek() != '{' {
		return errNotObject
	}
	for ok := c.enter(); ok; ok = c.more() {
		r.member(unescape(c.name()), &c)
		r.members++
	}
	return nil
}

func (r *record) member(name string, c *cursor) {
	r.known++
	switch name {
	case "eventTime":
		r.eventTime = c.scalar()
	case "eventID", "eventId":
		r.eventID = c.scalar()
	case "eventName":
		r.eventName = c.scalar()
	case "eventSource":
		r.eventSource = c.scalar()
	case "eventType":
		r.eventType = c.scalar()
	case "eventVersion":
		r.eventVersion = c.scalar()
	case "eventCategory":
		r.eventCategory = c.scalar()
	case "awsRegion":
		r.region = c.scalar()
	case "recipientAccountId":
		r.recipient = c.account()
	case "requestID":
		r.requestID = c.scalar()
	case "sharedEventID":
		r.sharedEventID = c.scalar()
	case "userAgent":
		r.userAgent = c.scalar()
	case "sourceIPAddress":
		r.sourceIP = c.scalar()
	case "errorCode":
		r.errorCode = c.scalar()
	case "errorMessage":
		r.errorMessage = c.scalar()
	case "readOnly":
		r.readOnly = c.scalar()
	case "vpcEndpointId":
		r.vpcEndpoint = c.scalar()
	case "vpcEndpointAccountId":
		r.vpcEndpointAccount = c.account()
	case "apiVersion":
		r.apiVersion = c.scalar()
	case "sessionCredentialFromConsole":
		r.fromConsole = c.scalar()
	case "userIdentity":
		r.identity = c.skip()
	case "requestParameters":
		r.request = c.skip()
	case "responseElements":
		r.response = c.skip()
	case "additionalEventData":
		r.additional = c.skip()
	case "serviceEventDetails":
		r.serviceDetails = c.skip()
	case "insightDetails":
		r.insight = c.object()
	case "tlsDetails":
		r.tls = c.skip()
	case "addendum":
		r.addendum = c.skip()
	case "edgeDeviceDetails":
		r.edgeDevice = c.skip()
	case "eventContext":
		r.eventContext = c.skip()
	default:
		r.known--
		r.otherMember(name, c)
	}
}

// otherMember reads what other kinds of record also have.
func (r *record) otherMember(name string, c *cursor) {
	switch name {
	case "resources":
		r.resources = c.skip()
	case "detail-type":
		r.detailType = c.scalar()
	case "detail":
		r.detail = c.skip()
	case "source":
		r.source = c.scalar()
	case "account", "accountId":
		r.account = c.account()
	case "region":
		if v := c.scalar(); r.region == "" {
			r.region = v
		}
	case "time":
		r.time = c.scalar()
	case "id":
		r.id = c.scalar()
	case "timeWindow":
		r.aggregated().window = c.object()
	case "summary":
		r.aggregated().summary = c.object()
	case "@timestamp":
		r.stamp = c.scalar()
	case "CloudTrailEvent", "message", "eventData", "eventJson", "_source":
		if c.peek() == '"' {
			r.wrapped = c.scalar()
		} else {
			r.wrapped = c.skip()
		}
	case "configRuleArn":
		r.configRule = c.scalar()
	case "invokingEvent":
		r.invokingEvent = c.scalar()
	default:
		if !strings.HasPrefix(name, "insight") || !r.lakeMember(name, c) {
			c.skip()
		}
	}
}

// unwrap finds the record inside text, which may be one itself, an EventBridge
// event with it as its detail, a LookupEvents entry with it as a string, or a log
// line of CloudWatch Logs.
func unwrap(text string, valid func(string) bool) (*record, error) {
	var outer *record
	for range 4 {
		r := &record{}
		if err := r.parse(text); err != nil {
			return nil, &RecordError{Reason: queue.ReasonMalformedRecord, Err: err}
		}
		r.settle()
		if outer != nil {
			r.inherit(outer)
		}
		switch {
		case r.isNamed():
			return r, nil
		case r.lacks() == "" && !holdsCall(r.wrapped):
			if r.additional == "" {
				r.additional = r.wrapped
			}
			return r, nil
		case strings.HasPrefix(r.wrapped, "{"):
			if !valid(r.wrapped) {
				return nil, malformed("the record inside is not valid JSON")
			}
			text, outer = r.wrapped, r
		case r.detail != "" && isCloudTrailDetail(r):
			text, outer = r.detail, r
		default:
			return r, nil
		}
	}
	return nil, malformed("wrapped too deeply")
}

// holdsCall reports whether what a record holds is one of its own.
func holdsCall(text string) bool {
	var in record
	return strings.HasPrefix(text, "{") && in.parse(text) == nil && in.isNamed()
}

// isCloudTrailDetail tells whether an EventBridge event brings a CloudTrail record.
func isCloudTrailDetail(r *record) bool {
	if strings.HasSuffix(r.detailType, "via CloudTrail") {
		return true
	}
	var in record
	return in.parse(r.detail) == nil && in.eventTime != "" && in.eventName != "" && in.eventSource != ""
}

// inherit takes from a wrapping what the record inside lacks. A record that says
// it itself is the same in any wrapping.
func (r *record) inherit(outer *record) {
	if r.account == "" {
		r.account = firstOf(outer.account, outer.recipient)
	}
	if r.region == "" {
		r.region = outer.region
	}
}
