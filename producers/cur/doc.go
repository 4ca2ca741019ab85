// Package cur turns AWS bills in files into events: Cost and Usage Reports (CUR 1), CUR 2.0 of
// Data Exports, and FOCUS, each in CSV or Parquet, from S3 or a folder. Reports is the collector
// that runs on a schedule; Files reads given files.
//
// # Lines
//
// Each line becomes one cost.accrued event. ts is the start of the usage, period_end its end, and
// cost_amount the billed cost, exactly as the file states it: CUR's unblended cost, or FOCUS's
// billed cost. Every other cost is a property, in plain decimal digits:
//
//	blended_cost         CUR: at the organisation's average rate
//	net_unblended_cost   CUR: after discounts
//	effective_cost       amortised: commitments are spread over the use that they cover
//	net_effective_cost   CUR: the same after discounts
//	list_cost            at the public price
//	contracted_cost      FOCUS: at the negotiated price
//
// Columns differ between files and months, so they are found by name, in any spelling:
// lineItem/UnblendedCost is line_item_unblended_cost. An unknown column becomes a property in
// snake case, and the summary names it and counts its lines; a missing one leaves its field
// empty. A row without a cost, a start or a currency is rejected. An unreadable value of another
// column is left out and named in the property "unread".
//
// Tags are the resource's own. CUR 2.0's column tags and AWS's FOCUS also hold others, which say
// nothing about the resource's owner: account_tags, user_attributes, principal_tags and
// cost_categories are properties, each a JSON object.
//
// # Identity
//
// See identity. A line is identified by its delivery and its place in it.
//
// # Deliveries
//
// See plan. A bill is read from its latest delivery only. Each line carries the delivery
// (property "delivery"). At the end comes scan.completed, if every file was read to the end and
// every row became an event, and otherwise scan.incomplete with the reason. With these,
// ClickHouse counts each bill from one delivery.
package cur

// Source is the source of AWS's bills. A FOCUS line that another provider bills has that
// provider's source: "azure.cost", "gcp.cost", "oci.cost".
const Source = "aws.cur"
