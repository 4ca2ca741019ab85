// Package cloudflare reads Cloudflare accounts: what they cost (billing), what they hold
// (inventory) and what happened in them (audit logs).
//
// Costs are billable usage (metered, by day, service and zone, of some 30 days) and the fees
// of subscriptions (one line over the current period, if it has a price). Usage states no
// fees, so both count, until usage states a charge of another category; fixed_fees switches
// fees off. A request for usage has to include the day that a billing period begins on, or
// is answered with nothing: an empty answer is a gap, and never a zero. A day is completed
// once the usage of every subscription and all fees were read.
//
// A list is complete if as many items came as were promised, and its last page was short or
// the last one: its result_info alone proves nothing.
//
// An audit log is an activity.api_call, and beside it a resource.created, updated or deleted
// if it succeeded and the path that was called is that of a type of the inventory. Its actor
// is the user's address, or the id of what has none. Requests and answers in it are not kept.
//
// GraphQL analytics are estimates of usage without a price: they are no cost, and are not
// read.
//
// Source: Cloudflare, "API reference" (v4).
package cloudflare
