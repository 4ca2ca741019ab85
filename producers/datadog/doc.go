// Package datadog reads what Datadog bills an organisation and its sub-organisations.
//
// Datadog states each product's cost twice: finally, by month, once the month is billed
// ("historical cost", by the 16th of the next month), and as an estimate that grows from
// the 1st of a month, up to 72 hours late. The estimate of a day is the difference of
// two totals, and may be below zero. A month that is final is read by month, and replaces
// its days: its completion covers them.
//
// Source: Datadog, "Usage Metering" API, get historical cost and get estimated cost.
package datadog
