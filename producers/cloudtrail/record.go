package cloudtrail

import (
	"errors"
	"strings"

	"polo/internal/queue"
	"polo/producers/cloudtrail/jsontext"
)

// record is one CloudTrail record; its free-form parts are still text.
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

	// Members of Insight events, and of aggregated events.
	insightState string
	lake         *lakeInsight
	aggregate    *aggregate

	// Members of EventBridge events.
	detailType, detail, source, account, time, id string
	// Members of other wrappings.
	wrapped, configRule, invokingEvent string
	// stamp is an exporter's time. timeName is the member that eventTime came from, "" for its
	// own.
	stamp, timeName string

	// known counts the members with a name of CloudTrail's records, members all.
	known, members int
	partition      string
	principal      principal
}

// errNotObject means that a record is not a JSON object.
var errNotObject = errors.New("not a JSON object")

// parse reads a record's members; text is valid JSON.
func (r *record) parse(text string) error {
	c := jsontext.New(text)
	if c.Peek() != '{' {
		return errNotObject
	}
	for ok := c.Enter(); ok; ok = c.More() {
		r.member(jsontext.Unescape(c.Name()), &c)
		r.members++
	}
	return nil
}

func (r *record) member(name string, c *jsontext.Cursor) {
	r.known++
	switch name {
	case "eventTime":
		r.eventTime = c.Scalar()
	case "eventID", "eventId":
		r.eventID = c.Scalar()
	case "eventName":
		r.eventName = c.Scalar()
	case "eventSource":
		r.eventSource = c.Scalar()
	case "eventType":
		r.eventType = c.Scalar()
	case "eventVersion":
		r.eventVersion = c.Scalar()
	case "eventCategory":
		r.eventCategory = c.Scalar()
	case "awsRegion":
		r.region = c.Scalar()
	case "recipientAccountId":
		r.recipient = accountAt(c)
	case "requestID":
		r.requestID = c.Scalar()
	case "sharedEventID":
		r.sharedEventID = c.Scalar()
	case "userAgent":
		r.userAgent = c.Scalar()
	case "sourceIPAddress":
		r.sourceIP = c.Scalar()
	case "errorCode":
		r.errorCode = c.Scalar()
	case "errorMessage":
		r.errorMessage = c.Scalar()
	case "readOnly":
		r.readOnly = c.Scalar()
	case "vpcEndpointId":
		r.vpcEndpoint = c.Scalar()
	case "vpcEndpointAccountId":
		r.vpcEndpointAccount = accountAt(c)
	case "apiVersion":
		r.apiVersion = c.Scalar()
	case "sessionCredentialFromConsole":
		r.fromConsole = c.Scalar()
	case "userIdentity":
		r.identity = c.Skip()
	case "requestParameters":
		r.request = c.Skip()
	case "responseElements":
		r.response = c.Skip()
	case "additionalEventData":
		r.additional = c.Skip()
	case "serviceEventDetails":
		r.serviceDetails = c.Skip()
	case "insightDetails":
		r.insight = c.Object()
	case "tlsDetails":
		r.tls = c.Skip()
	case "addendum":
		r.addendum = c.Skip()
	case "edgeDeviceDetails":
		r.edgeDevice = c.Skip()
	case "eventContext":
		r.eventContext = c.Skip()
	default:
		r.known--
		r.otherMember(name, c)
	}
}

// otherMember reads the members of other kinds of records.
func (r *record) otherMember(name string, c *jsontext.Cursor) {
	switch name {
	case "resources":
		r.resources = c.Skip()
	case "detail-type":
		r.detailType = c.Scalar()
	case "detail":
		r.detail = c.Skip()
	case "source":
		r.source = c.Scalar()
	case "account", "accountId":
		r.account = accountAt(c)
	case "region":
		if v := c.Scalar(); r.region == "" {
			r.region = v
		}
	case "time":
		r.time = c.Scalar()
	case "id":
		r.id = c.Scalar()
	case "timeWindow":
		r.aggregated().window = c.Object()
	case "summary":
		r.aggregated().summary = c.Object()
	case "@timestamp":
		r.stamp = c.Scalar()
	case "CloudTrailEvent", "message", "eventData", "eventJson", "_source":
		if c.Peek() == '"' {
			r.wrapped = c.Scalar()
		} else {
			r.wrapped = c.Skip()
		}
	case "configRuleArn":
		r.configRule = c.Scalar()
	case "invokingEvent":
		r.invokingEvent = c.Scalar()
	default:
		if !strings.HasPrefix(name, "insight") || !r.lakeMember(name, c) {
			c.Skip()
		}
	}
}

// unwrap returns the record in text: text itself, the detail of an EventBridge event, the string
// in a LookupEvents entry, or a log line of CloudWatch Logs.
func unwrap(text string, valid func(string) bool) (*record, error) {
	var outer *record
	for range 4 {
		r := &record{}
		if err := r.parse(text); err != nil {
			return nil, &RecordError{Reason: queue.ReasonMalformedRecord, Err: err}
		}
		r.fill()
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

// holdsCall reports whether the text in a record is a record itself.
func holdsCall(text string) bool {
	var in record
	return strings.HasPrefix(text, "{") && in.parse(text) == nil && in.isNamed()
}

// isCloudTrailDetail reports whether an EventBridge event holds a CloudTrail record.
func isCloudTrailDetail(r *record) bool {
	if strings.HasSuffix(r.detailType, "via CloudTrail") {
		return true
	}
	var in record
	return in.parse(r.detail) == nil && in.eventTime != "" && in.eventName != "" && in.eventSource != ""
}

// inherit takes what the record lacks from its wrapping. A record that states everything itself
// is the same in any wrapping.
func (r *record) inherit(outer *record) {
	if r.account == "" {
		r.account = firstOf(outer.account, outer.recipient)
	}
	if r.region == "" {
		r.region = outer.region
	}
}
