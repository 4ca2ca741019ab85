package cloudtrail

import (
	"polo/envelope"
	"polo/producers/cloudtrail/jsontext"
	"polo/producers/cloudtrail/resolve"
)

// properties returns what the event has no fields for. The free-form parts are canonical JSON
// text; they are walked on the way.
func (m *maker) properties() envelope.Pairs {
	r, p := m.r, &m.r.principal
	response := m.text(r.response, resolve.Response)
	request := m.text(r.request, resolve.Request)
	additional := m.text(r.additional, resolve.Details)
	serviceDetails := m.text(r.serviceDetails, resolve.Details)

	props := make(envelope.Pairs, 0, 28)
	props.SetSome("access_key_id", p.accessKey)
	props.SetSome("addendum", plainText(r.addendum))
	props.SetSome("additional_event_data", additional)
	props.SetSome("api_version", r.apiVersion)
	props.SetSome("credential_id", p.credentialID)
	props.SetSome("edge_device_details", plainText(r.edgeDevice))
	props.SetSome("error_message", r.errorMessage)
	props.SetSome("event_category", r.eventCategory)
	props.SetSome("event_context", plainText(r.eventContext))
	props.SetSome("event_id", r.eventID)
	props.SetSome("event_name", r.eventName)
	props.SetSome("event_source", r.eventSource)
	props.SetSome("event_type", r.eventType)
	props.SetSome("event_version", r.eventVersion)
	props.SetSome("identity_provider", p.provider)
	props.SetSome("insight_details", plainText(r.insight))
	props.SetSome("invoked_by", p.invokedBy)
	props.SetSome("mfa", p.mfa)
	props.SetSome("principal_account_id", p.account)
	props.SetSome("principal_id", p.id)
	props.SetSome("principal_type", p.typ)
	props.SetSome("read_only", r.readOnly)
	props.SetSome("recipient_account_id", r.recipient)
	props.SetSome("request_id", r.requestID)
	props.SetSome("request_parameters", request)
	props.SetSome("response_elements", response)
	props.SetSome("service_event_details", serviceDetails)
	props.SetSome("session_created", p.created)
	props.SetSome("session_credential_from_console", r.fromConsole)
	props.SetSome("session_issuer_arn", p.issuerARN)
	props.SetSome("shared_event_id", r.sharedEventID)
	props.SetSome("source_identity", p.sourceIdentity)
	props.SetSome("source_ip", r.sourceIP)
	if a := r.aggregate; a != nil {
		props.SetSome("summary", plainText(a.summary))
		props.SetSome("time_window", plainText(a.window))
	}
	props.SetSome("tls_details", plainText(r.tls))
	props.SetSome("user_agent", r.userAgent)
	props.SetSome("user_name", p.userName)
	props.SetSome("vpc_endpoint_account_id", r.vpcEndpointAccount)
	props.SetSome("vpc_endpoint_id", r.vpcEndpoint)
	return props
}

// text returns one free-form part in canonical form, and walks it.
func (m *maker) text(raw string, sd resolve.Side) string {
	if raw == "" || raw == "null" {
		return ""
	}
	rewrite := m.call.Walk(raw, sd, m.call.Service)
	if rewrite || m.call.Service.Name == "ssm" && m.call.Operation.Noun == "parameter" {
		return jsontext.Canonical(raw, m.hides)
	}
	return raw
}

// plainText returns a part that names no resource.
func plainText(raw string) string {
	if raw == "" || raw == "null" {
		return ""
	}
	c := jsontext.New(raw)
	if c.Skip(); c.Rewrite() {
		return jsontext.Canonical(raw, nil)
	}
	return raw
}

// hides reports whether a member is the value of a Systems Manager parameter, which may be a
// secret whatever its name.
func (m *maker) hides(name string) bool {
	return name == "value" && m.call.Service.Name == "ssm" && m.call.Operation.Noun == "parameter"
}
