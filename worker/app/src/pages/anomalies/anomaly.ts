import type { Row } from '$lib/api.ts'
import { names } from '$lib/names.svelte.ts'
import { show, sign } from '$lib/money.ts'
import { href } from '$lib/params.ts'
import { showPeriod, addDays } from '$lib/time.ts'
import type { Mark } from '$charts/data.ts'

/** What tells an anomaly from all others; it is what an address names it by. */
export function keyOf(row: Row): string {
  return [row.grain, row.kind, row.first_day, row.currency, row.account_id, row.service, row.customer].join('~')
}

/** "ec2 in production-us", "customer acme". */
export function subjectOf(row: Row): string {
  const account = names.account(String(row.account_id)) || String(row.account_id)
  if (row.customer) return `customer ${row.customer}`
  return row.service ? `${row.service} in ${account}` : `account ${account}`
}

export function daysOf(row: Row): string {
  return showPeriod(String(row.first_day), addDays(String(row.last_day), 1))
}

/** What the anomaly is, in a sentence. */
export function storyOf(row: Row): string {
  const amount = (column: string) => `${show(String(row[column]))} ${row.currency}`
  return `${subjectOf(row)} cost ${amount('cost')} where ${amount('expected')} was expected`
}

/** The page that explains it, with the filters that hold. */
export function addressOf(row: Row): string {
  return href({ anomaly: keyOf(row), kind: null, grain: null }, '/anomalies')
}

export function marksOf(rows: Row[]): Mark[] {
  return rows.map((row) => ({
    first: String(row.first_day), last: String(row.last_day), href: addressOf(row), more: sign(String(row.excess)) > 0,
    label: `${row.kind}, ${daysOf(row)}: ${storyOf(row)}`, short: `${subjectOf(row)}, ${daysOf(row)}`, excess: String(row.excess),
  }))
}
