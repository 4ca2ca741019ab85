package envelope

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// ResourceEvent is one fact about a resource: an API call, a change, a snapshot of its
// state, a cost line or a metric sample. Times are UTC with milliseconds. A zero string,
// time, map or slice means "not known"; amounts are nullable, so that zero and absent
// differ.
type ResourceEvent struct {
	// EventID is made by NewEventID from the source and the source's own identity of the
	// fact: the same fact has the same id on every run.
	EventID uuid.UUID
	// EventType is one of the Type constants, or another lower-case "family.verb" from a
	// newer producer.
	EventType string
	// Source names the origin, e.g. "aws.cloudtrail".
	Source string
	// TS is when it happened, or the start of the period it covers. It never changes for
	// an EventID, restatements included.
	TS time.Time
	// PeriodEnd is the exclusive end of the period the event covers; zero for a
	// moment.
	PeriodEnd time.Time
	// ObservedAt is when the collector saw the fact. Of one EventID the greatest
	// ObservedAt wins. All events of one scan share it.
	ObservedAt time.Time

	// ARN is the universal key, see ParseARN. Empty if the source does not give one.
	ARN string
	// Platform is "aws", "github", "cloudflare" or "datadog".
	Platform string
	// AccountID keeps its leading zeros.
	AccountID    string
	AccountRole  string
	Region       string
	Service      string
	ResourceType string
	ResourceID   string
	ResourceName string

	// MarqoCustomer, MarqoCluster and MarqoIndex identify the owner. They are derived
	// from tags when the event is made.
	MarqoCustomer string
	MarqoCluster  string
	MarqoIndex    string

	// Actor is who did it: a principal's ARN where there is one.
	Actor string
	// State is the resource's state after the event, in the source's words.
	State string
	// ErrorCode is the API's error code; empty when the call succeeded.
	ErrorCode string

	// CostAmount and UsageQuantity are exact; at most 38 digits before and 38
	// after the point.
	CostAmount    decimal.NullDecimal
	Currency      string
	UsageQuantity decimal.NullDecimal
	UsageUnit     string
	// MetricValue is nil when the event samples no metric.
	MetricValue *float64

	// Ancestors are ARNs, nearest first: subnet, VPC, account.
	Ancestors []string
	// Relations are the edges from this resource to others.
	Relations []Relation
	// Tags are the resource's own tags.
	Tags Pairs
	// Properties hold whatever is specific to the type; nested values are JSON text.
	Properties Pairs
}

// Relation is an edge from the event's resource to another.
type Relation struct {
	// Type is a verb phrase in snake case: "attached_to", "member_of".
	Type string
	// TargetARN is the key of the other resource, see ParseARN.
	TargetARN string
}

// Event types. A type is "family.verb"; consumers accept any of that form.
const (
	TypeAPICall          = "activity.api_call"
	TypeConsoleSignIn    = "activity.console_sign_in"
	TypeServiceEvent     = "activity.service_event"
	TypeInsight          = "activity.insight"
	TypeAggregated       = "activity.aggregated"
	TypeResourceCreated  = "resource.created"
	TypeResourceUpdated  = "resource.updated"
	TypeResourceDeleted  = "resource.deleted"
	TypeSnapshot         = "resource.snapshot"
	TypeCostAccrued      = "cost.accrued"
	TypeMetricSampled    = "metric.sampled"
	TypeAccountDescribed = "account.described"
	TypeScanCompleted    = "scan.completed"
	TypeScanIncomplete   = "scan.incomplete"
)

// Platforms.
const (
	PlatformAWS        = "aws"
	PlatformGitHub     = "github"
	PlatformCloudflare = "cloudflare"
	PlatformDatadog    = "datadog"
)

// Properties that several sources share.
const (
	// PropBillingPeriod is the first day ("2006-01-02") of the billing period of a cost
	// line. It is set if that differs from the month of its TS or the line has a
	// delivery.
	PropBillingPeriod = "billing_period"
	// PropPayerAccount is the account whose scans cover a cost line, if that differs
	// from its AccountID.
	PropPayerAccount = "payer_account_id"
	// PropDelivery is the delivery of the bill that a cost line or scan event belongs
	// to. A bill counts from one delivery.
	PropDelivery = "delivery"
	// PropReportAccount is the account that a delivery reports on, if that is not the
	// payer: a member of an organisation, whose report holds only its part.
	PropReportAccount = "report_account"
	// PropEvents is how many events a scan event covers. A completion counts only once
	// that many have arrived.
	PropEvents = "events"
)
