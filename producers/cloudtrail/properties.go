package cloudtrail

// properties are what CloudTrail tells beyond the event's own columns. The
// free-form parts are canonical JSON text without secrets; reading them fills the
// scratch with their leaves.
func (m *maker) properties() map[string]string {
	r, p := m.r, &m.r.principal
	props := make(map[string]string, 28)
	put := func(name, value string) {
		if value != "" {
			props[name] = value
		}
	}
	put("event_id", r.eventID)
	put("event_name", r.eventName)
	put("event_source", r.eventSource)
	put("event_type", r.eventType)
	put("event_version", r.eventVersion)
	put("event_category", r.eventCategory)
	put("api_version", r.apiVersion)
	put("read_only", r.readOnly)
	put("user_agent", r.userAgent)
	put("source_ip", r.sourceIP)
	put("request_id", r.requestID)
	put("shared_event_id", r.sharedEventID)
	put("recipient_account_id", r.recipient)
	put("error_message", r.errorMessage)
	put("vpc_endpoint_id", r.vpcEndpoint)
	put("vpc_endpoint_account_id", r.vpcEndpointAccount)
	put("session_credential_from_console", r.fromConsole)

	put("principal_type", p.typ)
	put("principal_id", p.id)
	put("principal_account_id", p.account)
	put("user_name", p.userName)
	put("access_key_id", p.accessKey)
	put("invoked_by", p.invokedBy)
	put("identity_provider", p.provider)
	put("credential_id", p.credentialID)
	put("session_issuer_arn", p.issuerARN)
	put("mfa", p.mfa)
	put("session_created", p.created)
	put("source_identity", p.sourceIdentity)

	m.text(props, "response_elements", r.response, sideResponse)
	m.text(props, "request_parameters", r.request, sideRequest)
	m.text(props, "additional_event_data", r.additional, sideDetails)
	m.text(props, "service_event_details", r.serviceDetails, sideDetails)
	m.plainText(props, "insight_details", r.insight)
	m.plainText(props, "tls_details", r.tls)
	m.plainText(props, "addendum", r.addendum)
	m.plainText(props, "edge_device_details", r.edgeDevice)
	m.plainText(props, "event_context", r.eventContext)
	return props
}

// text keeps one free-form part, and walks it.
func (m *maker) text(props map[string]string, name, raw string, sd side) {
	if raw == "" || raw == "null" {
		return
	}
	rewrite := m.s.walk(raw, sd, m.svc)
	if rewrite || m.svc.name == "ssm" && m.op.noun == "parameter" {
		raw = canonicalText(raw, m.secret)
	}
	props[name] = raw
}

// plainText keeps a part that names no resource and, as AWS documents it, holds no
// secret.
func (m *maker) plainText(props map[string]string, name, raw string) {
	if raw == "" || raw == "null" {
		return
	}
	c := cursor{s: raw}
	if c.skip(); c.rewrite {
		raw = canonicalText(raw, secretName)
	}
	props[name] = raw
}

// secret knows the names of secrets, and that the value of a parameter may be
// one.
func (m *maker) secret(name string) bool {
	if name == "value" && m.svc.name == "ssm" && m.op.noun == "parameter" {
		return true
	}
	return secretName(name)
}
