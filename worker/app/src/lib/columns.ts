import type { Cell, Column, Row } from './api.ts'
import { compare } from './money.ts'

/** How a column is shown and sorted: by its unit, its type and, for a few, its name. */
export type Kind = 'money' | 'quantity' | 'percent' | 'count' | 'duration' | 'number' | 'day' | 'time' | 'flag' | 'list' | 'map' | 'arn' | 'account' | 'actor' | 'platform' | 'badge' | 'text'

const badges = new Set(['severity', 'status', 'change', 'direction', 'kind', 'state', 'reason', 'last_state'])

export function kindOf(column: Column): Kind {
  const type = column.type.replace(/^Nullable\((.*)\)$/, '$1').replace(/^LowCardinality\((.*)\)$/, '$1')
  if (type.startsWith('Decimal')) return column.unit === 'currency' ? 'money' : 'quantity'
  if (type.startsWith('DateTime')) return 'time'
  if (type.startsWith('Date')) return 'day'
  if (type === 'Bool') return 'flag'
  if (type.startsWith('Array')) return 'list'
  if (type.startsWith('Map')) return 'map'
  if (column.unit === 'percent') return 'percent'
  if (column.unit === 'seconds') return 'duration'
  if (/^U?Int/.test(type)) return 'count'
  if (type.startsWith('Float')) return 'number'
  if (column.name === 'arn' || column.name.endsWith('_arn')) return 'arn'
  if (column.name === 'account_id' || column.name.endsWith('account_id') || column.name === 'payer') return 'account'
  if (/(^|_)actor$|_by$/.test(column.name)) return 'actor'
  if (column.name === 'platform') return 'platform'
  if (badges.has(column.name) && !column.description?.startsWith('value')) return 'badge' // kind is "value" of most rows: no news
  return 'text'
}

const numeric = new Set<Kind>(['money', 'quantity', 'percent', 'count', 'duration', 'number'])

export function isNumeric(kind: Kind): boolean {
  return numeric.has(kind)
}

/** "first_seen" as people write it: First seen. */
export function titleOf(column: Column): string {
  const words = column.name.replace(/_id$/, '').replaceAll('_', ' ').replace(/\barn\b/, 'ARN')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The unit beside a title, where the values do not say it. */
export function unitOf(column: Column): string {
  if (!column.unit || column.unit === 'currency' || column.unit === 'unit' || column.unit === 'seconds') return ''
  if (column.unit === column.name && column.unit !== 'percent') return ''
  return column.unit === 'percent' ? '%' : column.unit === 'day (UTC)' ? 'UTC' : column.unit
}

/** Marks of money: a row of lines that are estimates, or of bills that are not whole. */
export function isEstimated(row: Row): boolean {
  return row.provisional === true || Number(row.estimated_lines ?? 0) > 0
}

export function isPartial(row: Row): boolean {
  return Number(row.partial_lines ?? 0) > 0
}

/** Compares cells for sorting: exactly for numbers, nothing last. */
export function compareCells(a: Cell | undefined, b: Cell | undefined, kind: Kind): number {
  const none = (v: Cell | undefined) => v === null || v === undefined || v === ''
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b))
  if (kind === 'money' || kind === 'quantity' || (isNumeric(kind) && typeof a === 'string')) return compare(String(a), String(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en')
}

const severities = ['critical', 'high', 'medium', 'low']

export function sortRows(rows: Row[], column: Column, descending: boolean): Row[] {
  const kind = kindOf(column)
  const order = (a: Row, b: Row) => {
    const x = a[column.name], y = b[column.name]
    if (column.name === 'severity') return severities.indexOf(String(x)) - severities.indexOf(String(y))
    return compareCells(x, y, kind)
  }
  const isNone = (r: Row) => r[column.name] === null || r[column.name] === ''
  return [...rows].sort((a, b) => (descending && !isNone(a) && !isNone(b) ? -order(a, b) : order(a, b)))
}

/** A cell as plain text. */
export function plain(value: Cell | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * A cell of a table that is copied to a spreadsheet, which runs what begins like a formula, within quotes too: https://owasp.org/www-community/attacks/CSV_Injection. Exports of the
 * API do as much.
 */
export function copied(value: Cell | undefined, column: Column): string {
  const text = plain(value)
  const isNumber = /Int|Float|Decimal/.test(column.type) && !/Array|Map/.test(column.type)
  const safe = !isNumber && /^["=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return safe.replace(/[\t\n\r]/g, ' ')
}
