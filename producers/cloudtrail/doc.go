// Package cloudtrail turns AWS CloudTrail into events: log files as AWS
// delivers them (Files), LookupEvents pages (Lookup), EventBridge deliveries of
// either, one record at a time through a Normaliser.
//
// # What a record becomes
//
// Exactly one activity event, and one resource event beside it for each
// resource that a successful call created, changed or deleted:
//
//	AwsApiCall, AwsVpceEvent                 activity.api_call
//	AwsConsoleSignIn                         activity.console_sign_in
//	AwsCloudTrailInsight                     activity.insight
//	AwsAggregatedEvent                       activity.aggregated
//	AwsServiceEvent, AwsConsoleAction,
//	any other type                           activity.service_event
//
// A record without an eventType is an API call unless its source is the sign-in
// service. EventBridge events that carry no CloudTrail record become one
// activity.service_event of the source "aws.eventbridge", and a configuration
// change that AWS Config hands to a rule one of the source "aws.config".
//
// # What a record must have
//
// It depends on its eventCategory. Management, Data and NetworkActivity, and a record that
// names none: an eventTime, and an eventName or eventSource. Insight: an eventTime, and
// insightDetails, which hold the names (or the members that an event data store has in
// their place); the two ends of one insight are two activities, and the state says which.
// Aggregated: a timeWindow, which is the activity's time and period. Any other: an
// eventTime. Where an exporter left an "@timestamp" and no eventTime, it is the time. An
// account's id may be a number: zeros that it lost are put back.
//
// Digest files, and the control messages of CloudWatch Logs, hold no records and are no
// failures. In files that CloudWatch Logs exported or printed, a time may stand before a
// record in its line.
//
// # The key of an activity
//
// The ARN of an activity is the resource the call acted on: from the record's
// resources, else an ARN in the response or the request, else built from the ids
// and names there. A reading call that names no resource is keyed by its
// principal: the role behind a session rather than the session, which no
// inventory holds. A changing call that names no resource has no ARN, and
// the property "arn_resolution" says why. An S3 PutObject counts as creating an
// object, for the record does not tell whether it replaced one.
//
// # Identity
//
// An activity is identified by its eventTime, eventID and eventName; a record
// without an eventID by its content. A resource event adds its type and ARN. What a
// record says itself is the same in every wrapping; only what it leaves out (the
// account, the region) is taken from the EventBridge event around it.
//
// # Ancestors
//
// They are, nearest first, what the ARN says that it is in, the subnet and the VPC named
// beside it, the region and the account; see awscatalog.Above. A collector that knows the
// organisation adds that.
package cloudtrail
