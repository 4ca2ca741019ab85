import catalogue from './catalogue.json'
import { Problem } from './errors'

/** A parameter, as schema/queries/README.md describes it. */
export interface Param {
  name: string
  /** ClickHouse's. */
  type: string
  default?: string
  required?: boolean
  min?: string
  max?: string
  items?: number
  in?: string[]
  pattern?: string
  text: string
  /** One for each of in. */
  choices?: { sql: string; label: string }[]
}

export interface Column {
  name: string
  /** ClickHouse's. */
  type: string
  unit?: string
  description: string
}

export interface Query {
  name: string
  title: string
  group: string
  text: string
  params: Param[]
  columns: Column[]
  rows: number
  max_rows: number
  /** Seconds for which a client may keep an answer. */
  cache: number
  periods?: { from: string; until: string; days: number }[]
  sql: string
}

/** Every named query. The catalogue is made of the headers in schema/queries. */
export const all: readonly Query[] = catalogue

const byName = new Map(all.map((q) => [q.name, q]))

export function named(name: string): Query {
  const query = byName.get(name)
  if (!query) throw new Problem('unknown_query', `There is no query ${JSON.stringify(name.slice(0, 80))}: /api/queries lists them.`)
  return query
}

/** A query as /api/queries tells of it. */
export function described(q: Query) {
  return {
    name: q.name, title: q.title, group: q.group, description: q.text,
    params: q.params.map(({ choices: _, text, ...p }) => ({ ...p, description: text })),
    columns: q.columns, rows: q.rows, max_rows: q.max_rows, cache_seconds: q.cache, sql: q.sql,
  }
}
