import type { Row } from '$lib/api.ts'
import { isEstimated, isPartial } from '$lib/columns.ts'
import { byCurrency, compare, sign, sum } from '$lib/money.ts'
import { inOrder } from '$lib/platforms.ts'
import { addMonths } from '$lib/time.ts'

/** An amount in its own currency. */
export interface Amount { currency: string; total: string }

/** What rows of cost_converted are together: never one number, for money that no rate converts is in no sum. */
export interface Sum {
  own: Amount[]
  /** In the currency that all is converted to; null where nothing of it is. */
  converted: string | null
  unconverted: Amount[]
  /** The lowest and the highest rate, where money of one other currency is converted. */
  rates: { low: string; high: string } | null
  estimated: boolean
  partial: boolean
}

/** A line of the table: a month, or all of them, in the order of the platforms; null where a platform has no costs. */
export interface Line { month: string; cells: (Sum | null)[]; sum: Sum }

/** Rows of cost_converted as a table of months and platforms. */
export interface Converted { platforms: string[]; lines: Line[]; total: Line }

/** Makes the table. The latest month comes first. */
export function tableOf(rows: readonly Row[]): Converted {
  const platforms = inOrder(rows.map((r) => String(r.platform)))
  const months = [...new Set(rows.map((r) => String(r.month)))].sort().reverse()
  const line = (month: string, of: readonly Row[]): Line => ({ month, sum: sumOf(of), cells: platforms.map((p) => {
    const own = of.filter((r) => r.platform === p)
    return own.length > 0 ? sumOf(own) : null
  }) })
  return { platforms, lines: months.map((month) => line(month, rows.filter((r) => r.month === month))), total: line('', rows) }
}

function sumOf(rows: readonly Row[]): Sum {
  const amounts = (column: string): Amount[] => byCurrency(rows.map((r) => ({ currency: String(r.currency), value: String(r[column]) })), (r) => r.value)
  const converted = rows.flatMap((r) => (r.converted === null ? [] : [String(r.converted)]))
  return {
    own: amounts('cost'), converted: converted.length > 0 ? sum(converted) : null,
    // A row's days without a rate may cancel each other out, but a row's money is never another's.
    unconverted: amounts('unconverted').filter((a) => rows.some((r) => r.currency === a.currency && sign(String(r.unconverted)) !== 0)),
    rates: ratesOf(rows.filter((r) => r.currency !== r.converted_currency && r.converted !== null)),
    estimated: rows.some(isEstimated), partial: rows.some(isPartial),
  }
}

function ratesOf(rows: readonly Row[]): Sum['rates'] {
  const [low] = rows.map((r) => String(r.lowest_rate)).sort(compare)
  const high = rows.map((r) => String(r.highest_rate)).sort(compare).at(-1)
  return low && high && rows.every((r) => r.currency === rows[0]?.currency) ? { low, high } : null
}

/** The currency to convert to without a choice: the only one that is seen, else the dollar. */
export function usualTarget(seen: readonly string[]): string {
  return seen.length === 1 && seen[0] ? seen[0] : 'USD'
}

/** The commands that set the rates that are missing: one for each month and currency with money that is not converted, the earliest first. from is the period's first day. */
export function missingRates(rows: readonly Row[], to: string, from: string): string[] {
  const wanted = new Set(rows.filter((r) => sign(String(r.unconverted)) !== 0).map((r) => `${String(r.month) < from && from < addMonths(String(r.month), 1) ? from : r.month} ${r.currency}`))
  return [...wanted].sort().map((w) => {
    const [day, currency] = w.split(' ')
    return `polo fx set ${currency} ${to} ${day} RATE --author NAME`
  })
}
