// Package datadog reads what Datadog bills an organisation and its sub-organisations, what
// they use, what is in the organisation, and who changed it.
//
// # Costs
//
// Datadog states each product's cost twice: finally, by month, once the month is billed
// ("historical cost", by the 16th of the next month), and as an estimate that grows from
// the 1st of a month, up to 72 hours late. The estimate of a day is the difference of
// two totals, and may be below zero. A month that is final is read by month, and replaces
// its days: its completion covers them.
//
// Costs by tag state the same money. They have a source of their own and are cost.viewed,
// which no sum of costs includes; a refusal of them concerns nothing else. What Cloud Cost
// Management holds is other vendors' money, and no cost of Datadog.
//
// # Usage
//
// A measurement of an hour is a metric.sampled event of the organisation: service and
// property "namespace" are the product family, "metric" is the usage type, "dimensions" is
// what tells measurements of one type apart, as JSON. It is never priced. A measurement
// without a value is no event. Usage by tag is the same by month, with the tags. The old
// API (v1) has other families and types, and so other metrics.
//
// # Inventory and audit trail
//
// Keys are datadog:org/PUBLIC_ID/KIND/ID, of the kinds host, monitor, dashboard and
// synthetics_test; the region is the site. A type is completed if all pages came, with as
// many items as they promise. Messages, widgets, and what a test sends are not kept:
// people write secrets there.
//
// An event of the audit trail is an activity and, if it created, modified or deleted an
// asset with an id, a change of that resource as well. Values before and after are not kept.
//
// # Recorded answers
//
// Each source reads its recorded answers through the same code, see recorded. An answer
// that becomes nothing has a reason: exchange.Left.
//
// Source: Datadog, API reference: "Usage Metering", "Hosts", "Monitors", "Dashboards",
// "Synthetics", "Audit".
package datadog
