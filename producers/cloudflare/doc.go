// Package cloudflare reads Cloudflare accounts: what they cost (billing), what they hold
// (inventory) and what happened in them (audit logs).
//
// GraphQL analytics are estimates of usage without a price: they are no cost, and are not
// read.
//
// Source: Cloudflare, "API reference" (v4).
package cloudflare
