// Package costexplorer queries Cost Explorer, and turns the answers, live or recorded, into
// events.
//
// # Lines
//
// Each group of each period of GetCostAndUsage becomes one cost.accrued event: ts and period_end
// are the period, and cost_amount is the unblended cost, with the digits of the API's text. Other
// amounts are properties, named as in events of bills:
//
//	blended_cost         BlendedCost
//	effective_cost       AmortizedCost
//	net_unblended_cost   NetUnblendedCost
//	net_effective_cost   NetAmortizedCost
//
// UsageQuantity is usage_quantity; its unit is empty if quantities of several units were added
// up, which the API calls "N/A". The keys of a group set account, region, service and tags if
// they can, and are properties in the API's words ("service_name", "usage_type"). An answer
// without UnblendedCost, which only recordings can be, gives the first cost it has, and the
// property "cost_metric" names it.
//
// # No double counting
//
// Each grouping and each granularity states the same money again, and the API groups by two keys
// at most. So only the lines of one view are costs. This primary view is daily, by account and
// service unless configured otherwise, with the source "aws.cost_explorer". Every other view
// (hours, a tag, usage types) has its own source, "aws.cost_explorer." and its name. Its events
// are cost.viewed, which cost_lines holds and cost_hourly and cost_rollup_daily exclude, so no
// dollar is summed twice. Each view is a collector with its own completions, gaps and budget, so
// a denied view does not affect the primary.
//
// An organisation's payer states the costs of its members, and each member states its own. So a
// member is not queried if its payer is; see Payers.
//
// Recorded answers have any grouping, and one run may not know another's; see Choice.
//
// Lines of a bill (aws.cur) state the same money once more; that is why the source is part of
// cost_rollup_daily.
//
// Rejected: hours as costs instead of the days that they add up to, because both would count
// between a run's first line and its completion, and for as long as runs fail; one source for all
// views, because a completion of one view would remove another's lines; and sums over the finest
// view only, because one request cannot group by a tag and a usage type.
//
// # Restatements
//
// A line is identified by its granularity, the period's start, its payer, and its group. The API
// restates estimated days for weeks, and may restate the whole of last month. So each run reads
// from the first day of the previous month again, and a line replaces its earlier statement. Once
// every page of a run is read, the answered days are complete (Scan.CompletedCosts): lines of
// these days that were not stated again count zero. The same happens if a view's grouping
// changes: the first run with the new one removes the lines of the old.
//
// # Charges
//
// AWS charges $0.01 for every page. Scan.Spend comes before each request: a run whose budget is
// used up stops with a gap, and completes nothing.
package costexplorer

// Source is the source of the primary view; another view's is Source, a dot and its name.
const Source = "aws.cost_explorer"

// TypeCostViewed is the event type of every view but the primary: the primary view's cost.accrued
// events state the same money.
const TypeCostViewed = "cost.viewed"
