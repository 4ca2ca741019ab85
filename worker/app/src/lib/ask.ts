import catalogue from 'virtual:catalogue'
import { dimensions, filters, type Dimension } from './filters.svelte.ts'
import { encodeList } from './list.ts'
import type { Patch } from './params.ts'

/** A question to the API: a named query with its parameters. */
export interface Ask {
  query: string
  params: Record<string, string>
  /** Filters that hold on the page and that the query does not know: the tile says so. */
  ignored: Dimension[]
}

/**
 * Asks a named query under the filters of the page: the period, and each dimension that the query takes. own are its other parameters, and
 * win; null leaves one out.
 */
export function ask(query: string, own: Patch = {}): Ask {
  const known = catalogue[query]
  if (!known) throw new Error(`no such query: ${query}`)
  const params: Record<string, string> = {}
  const ignored: Dimension[] = []
  if (known.period) {
    params[known.period.from] = filters.from
    params[known.period.until] = filters.until
  }
  for (const name of dimensions) {
    const values = filters.values[name]
    if (!values) continue
    if (known.params.includes(name)) params[name] = encodeList(values)
    else if (!(name in own)) ignored.push(name)
  }
  for (const [name, value] of Object.entries(own)) {
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) delete params[name] // an empty list is as none, and no other question
    else params[name] = encoded(value)
  }
  return { query, params, ignored }
}

/** Asks without the filters of the page: for lists of names, and for what holds for all. */
export function askPlain(query: string, own: Record<string, string | string[]> = {}): Ask {
  return { query, params: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, encoded(value)])), ignored: [] }
}

function encoded(value: string | string[]): string {
  return Array.isArray(value) ? encodeList(value) : value
}

/** How long an answer of the query may be kept, in seconds. */
export function cacheSeconds(query: string): number {
  return catalogue[query]?.cache ?? 0
}

export function takes(query: string, param: string): boolean {
  return catalogue[query]?.params.includes(param) ?? false
}

/** The address of the API for a question, which exports and copies use as well. */
export function address({ query, params }: Pick<Ask, 'query' | 'params'>, format?: 'csv' | 'ndjson' | 'json'): string {
  const search = new URLSearchParams(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (format) search.set('format', format)
  return `/api/query/${encodeURIComponent(query)}${search.size ? `?${search}` : ''}`
}
