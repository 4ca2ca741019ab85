// Package cloudtrail turns AWS CloudTrail records into events: from AWS's log files (Files),
// pages of LookupEvents (Lookup), EventBridge deliveries of either, or one at a time through a
// Normaliser.
//
// # Events
//
// A record becomes one activity event, and one resource event for each resource that a successful
// call created, changed or deleted:
//
//	AwsApiCall, AwsVpceEvent                 activity.api_call
//	AwsConsoleSignIn                         activity.console_sign_in
//	AwsCloudTrailInsight                     activity.insight
//	AwsAggregatedEvent                       activity.aggregated
//	AwsServiceEvent, AwsConsoleAction,
//	any other type                           activity.service_event
//
// A record without an eventType is an API call unless its source is the sign-in service. An
// EventBridge event without a CloudTrail record becomes one activity.service_event of the source
// "aws.eventbridge", and a configuration change that AWS Config passes to a rule one of the
// source "aws.config".
//
// # Required members
//
// They depend on the eventCategory. Management, Data, NetworkActivity and none: an eventTime, and
// an eventName or eventSource. Insight: an eventTime, and insightDetails, which hold the names,
// or the members that an event data store has instead; the two ends of an insight are two
// activities, with different states. Aggregated: a timeWindow, which is the activity's time and
// period. Any other: an eventTime. If eventTime is missing, an exporter's "@timestamp" is the
// time. An account id may be a number: its lost zeros are restored.
//
// Digest files and the control messages of CloudWatch Logs hold no records and are not failures.
// In files that CloudWatch Logs exported or printed, a line may have a time before its record.
//
// # The ARN of an activity
//
// It is the resource that the call acted on: from the record's resources, else an ARN in the
// response or the request, else built from the ids and names there. A reading call that names no
// resource has its principal's ARN: the role of a session, not the session, which no inventory
// lists. A changing call that names no resource has no ARN, and the property "arn_resolution"
// says why. An S3 PutObject counts as a creation, because the record does not state whether it
// replaced an object.
//
// # Identity
//
// An activity is identified by its eventTime, eventID and eventName; a record without an eventID
// by its content. A resource event adds its type and ARN. What a record states itself is the same
// in every form of delivery; only what it lacks (the account, the region) comes from the
// EventBridge event that holds it.
//
// # Ancestors
//
// They are, nearest first: what the ARN says that contains the resource, the subnet and the VPC
// named beside it, the region and the account; see awscatalog.Above. A collector that knows the
// organisation adds it.
package cloudtrail
