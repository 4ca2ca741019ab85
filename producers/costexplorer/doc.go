// Package costexplorer asks Cost Explorer what accounts cost and turns the answers, live
// or recorded, into events.
//
// # What a line becomes
//
// Each group of each period of GetCostAndUsage is one cost.accrued event: ts and
// period_end are the period, cost_amount is the unblended cost, digit for digit as the
// API's text has it. Other amounts are properties, under the names that the events of
// bills have:
//
//	blended_cost         BlendedCost
//	effective_cost       AmortizedCost
//	net_unblended_cost   NetUnblendedCost
//	net_effective_cost   NetAmortizedCost
//
// UsageQuantity is usage_quantity; its unit is empty where quantities of several units
// were added up, which the API calls "N/A". What the line is grouped by fills account,
// region, service and tags where it can, and is a property as the API words it
// ("service_name", "usage_type"). An answer without UnblendedCost, which only recordings
// are, gives the first cost it has, and the property "cost_metric" names it.
//
// # Every dollar once
//
// Each way of grouping, and each granularity, tells the same money again, and the API
// groups by two things at most. So there is one view whose lines are costs, the primary:
// daily, by account and service unless configured otherwise, of the source
// "aws.cost_explorer". Every other view (hours, a tag, usage types) has a source of its
// own, "aws.cost_explorer." and its name, and its events are cost.viewed, which
// cost_lines holds and cost_hourly and cost_rollup_daily leave out: whatever is summed
// there, no dollar counts twice. A view is a collector of its own, with its own
// completions, gaps and budget, so that a view that is refused takes nothing from the
// primary.
//
// An organisation's payer tells the costs of its members, and each member tells its own.
// So a member is not asked while its payer is, see Payers.
//
// Recorded answers come in any grouping, and one run may not know what another had: see
// Choice.
//
// Lines of a bill (aws.cur) are the same money once more; the source is part of
// cost_rollup_daily for that.
//
// Turned down: hours as costs in place of the days that they add up to, because
// between a run's first line and its completion, and for as long as runs break off, both
// would count; one source for all views, because a completion of one view would make
// zero of another's lines; and sums over the finest view alone, because a tag and a
// usage type are not to be had in one request.
//
// # Restatements
//
// A line is known by its granularity, its period's start, its payer, and what it is
// grouped by. The API restates estimated days for weeks, and may do so for the whole of
// last month: each run reads again from the first day of the previous month, and a
// line that it finds replaces its older self. Once every page of a run was read, the
// days that were answered are complete (Scan.CompletedCosts): lines of theirs that were
// not told again count zero. So it is too when a view's grouping is changed: the lines of
// the old grouping go with the first run of the new.
//
// # Money
//
// AWS charges $0.01 for every page. Each is asked for with Scan.Spend first: a run whose
// budget is used up stops with a gap, and completes nothing.
package costexplorer

// Source is the source of the primary view; that of another is Source, a dot and the
// view's name.
const Source = "aws.cost_explorer"

// TypeCostViewed is the type of what every view but the primary tells: money that the
// primary view's cost.accrued tell already.
const TypeCostViewed = "cost.viewed"
