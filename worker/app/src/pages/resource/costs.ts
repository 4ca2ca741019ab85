import type { Row } from '$lib/api.ts'
import { add, exact, parse, zero, type Decimal } from '$lib/money.ts'
import { addDays, addMonths, today } from '$lib/time.ts'

/** Rows of resource_cost as those of cost_series, a series for each usage type: lines of one day and usage type are added. */
export function asSeries(rows: Row[]): Row[] {
  const found = new Map<string, { row: Row; cost: Decimal; estimated: number; partial: number }>()
  for (const row of rows) {
    const value = String(row.usage_type) || String(row.charge_type) || '(none)'
    const key = `${row.start} ${row.currency} ${value}`
    const entry = found.get(key) ?? { row: { start: row.start ?? '', currency: row.currency ?? '', value, kind: value === '(none)' ? 'none' : 'value' }, cost: zero, estimated: 0, partial: 0 }
    entry.cost = add(entry.cost, parse(String(row.cost)))
    entry.estimated += Number(row.estimated_lines)
    entry.partial += Number(row.partial_lines)
    found.set(key, entry)
  }
  return [...found.values()].map(({ row, cost, estimated, partial }) => ({ ...row, cost: exact(cost), estimated_lines: estimated, partial_lines: partial }))
}

export interface Month { currency: string; now: string; sameDays: string; before: string; estimated: boolean; estimatedBefore: boolean; daysBefore: number }

/**
 * What this month cost so far, what the same days of last month cost, and all of last month with the number of its days that cost anything, in each currency. The days are those of which this month has costs: the last
 * are not billed yet.
 */
export function months(rows: Row[]): { last: string; months: Month[] } {
  const month = addMonths(today(), 0)
  const last = rows.map((r) => String(r.start)).filter((day) => day >= month).sort().at(-1) ?? ''
  const end = last ? addDays(addMonths(month, -1), Number(last.slice(8, 10)) - 1) : ''
  const currencies = [...new Set(rows.map((r) => String(r.currency)))].sort()
  const total = (currency: string, wanted: (day: string) => boolean) =>
    exact(rows.filter((r) => r.currency === currency && wanted(String(r.start))).reduce((sum, r) => add(sum, parse(String(r.cost))), zero))
  const isEstimated = (currency: string, wanted: (day: string) => boolean) => rows.some((r) => r.currency === currency && wanted(String(r.start)) && Number(r.estimated_lines) > 0)
  return {
    last,
    months: currencies.map((currency) => ({
      currency,
      now: total(currency, (day) => day >= month),
      sameDays: total(currency, (day) => day < month && day <= end),
      before: total(currency, (day) => day < month),
      estimated: isEstimated(currency, (day) => day >= month),
      estimatedBefore: isEstimated(currency, (day) => day < month),
      daysBefore: new Set(rows.filter((r) => r.currency === currency && String(r.start) < month).map((r) => r.start)).size,
    })),
  }
}
