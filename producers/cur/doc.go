// Package cur turns AWS bills that are delivered as files into events: Cost and Usage
// Reports (CUR 1, CSV or Parquet), CUR 2.0 of Data Exports (CSV or Parquet) and FOCUS
// (CSV or Parquet), from S3 or from a folder. Reports is the collector on a schedule;
// Files is for files at hand.
//
// # What a line becomes
//
// One cost.accrued event. Its ts is when the usage began, period_end when it ended,
// cost_amount what is billed: the unblended cost, or FOCUS's billed cost, exactly as the
// file states it. Every other cost of the line is a property, as plain decimal digits:
//
//	blended_cost         CUR: at the organisation's average rate
//	net_unblended_cost   CUR: after discounts
//	effective_cost       amortised: with commitments spread over what they were used for
//	net_effective_cost   CUR: the same after discounts
//	list_cost            at the public price
//	contracted_cost      FOCUS: at the negotiated price
//
// Columns differ from file to file and from month to month, so that they are found by
// name, in any spelling: lineItem/UnblendedCost is line_item_unblended_cost. A column
// that is not known is a property in snake case, and the summary names it and counts its
// lines; one that is missing leaves its field empty. Without
// a cost, a beginning or a currency there is no event, and the row is rejected. A value
// of another column that cannot be read is left out and named in the property "unread".
//
// Tags are the resource's own. CUR 2.0's column tags, and AWS's FOCUS, hold others beside
// them, which say nothing of whose a resource is: account_tags, user_attributes,
// principal_tags and cost_categories are properties, JSON objects each.
//
// # Identity
//
// See identity. A line is known by its delivery and its place in it.
//
// # Deliveries
//
// See plan. A bill is read from its latest delivery alone. Each of its lines carries the
// delivery (property "delivery"), and how it ended is told at the end: scan.completed once
// every file was read to the end and every row became an event, or else scan.incomplete
// with the reason. ClickHouse counts the bill from one delivery by these.
package cur

// Source is the source of AWS's bills. A line of FOCUS that another provider bills has
// the provider's: "azure.cost", "gcp.cost", "oci.cost".
const Source = "aws.cur"
