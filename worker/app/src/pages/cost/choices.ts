import { filters, type Dimension } from '$lib/filters.svelte.ts'
import { text } from '$lib/params.ts'
import type { Step } from '$charts/data.ts'

/** What cost may be broken down by. query answers it; series is what the curve is then by. */
export interface Breakdown { value: string; label: string; plural: string; query: 'cost_compare' | 'cost_by_usage_type' | 'cost_by_charge_type' | 'cost_top_resources' | 'cost_by_tag'; series: string; filter?: Dimension; next?: string }

const byDimension = (value: string, label: string, plural: string, filter?: Dimension, next?: string): Breakdown => ({ value, label, plural, query: 'cost_compare', series: value, filter, next })

export const breakdowns: readonly Breakdown[] = [
  byDimension('service', 'Service', 'services', 'service', 'usage_type'),
  byDimension('account', 'Account', 'accounts', 'account', 'service'),
  byDimension('account_role', 'Role of the account', 'roles'),
  byDimension('customer', 'Customer', 'customers', 'customer', 'service'),
  byDimension('customer_tier', 'Tier of the customer', 'tiers'),
  byDimension('cluster', 'Cluster', 'clusters', 'cluster', 'resource'),
  byDimension('index', 'Index', 'indexes', 'index', 'service'),
  byDimension('region', 'Region', 'regions', 'region', 'service'),
  byDimension('resource_type', 'Resource type', 'types', 'resource_type', 'resource'),
  byDimension('platform', 'Platform', 'platforms', 'platform', 'account'),
  byDimension('source', 'Source', 'sources', 'source', 'service'),
  { value: 'resource', label: 'Resource', plural: 'resources', query: 'cost_top_resources', series: 'total' },
  { value: 'usage_type', label: 'Usage type', plural: 'usage types', query: 'cost_by_usage_type', series: 'total' },
  { value: 'charge_type', label: 'Charge type', plural: 'charge types', query: 'cost_by_charge_type', series: 'total' },
  { value: 'tag', label: 'Tag', plural: 'values', query: 'cost_by_tag', series: 'total' },
]

export const tops = ['8', '20', '50', '200', '1000'] as const

/** The breakdown that the address names. */
export function breakdown(): Breakdown {
  return breakdowns.find((b) => b.value === text('by')) ?? (breakdowns[0] as Breakdown)
}

/** The step that the address names, or what makes a chart of at most some ninety bars. */
export function step(): Step {
  const named = text('step')
  if (named === 'day' || named === 'week' || named === 'month') return named
  return automaticStep()
}

export function automaticStep(): Step {
  return filters.days <= 93 ? 'day' : filters.days <= 400 ? 'week' : 'month'
}
