import type { Row } from '$lib/api.ts'
import { add, compare, exact, parse, sum } from '$lib/money.ts'
import { addDays, addMonths, dayToMs, msToDay } from '$lib/time.ts'

export type Step = 'day' | 'week' | 'month'

/** A series of amounts, exact texts; null where there is no cost. */
export interface Series {
  name: string
  label: string
  /** What has no value (none) and what is beyond the top (other) are grey. */
  kind: 'value' | 'none' | 'other'
  /** Its colour: series-1 ... series-8, series-none, series-other. */
  colour: string
  values: (string | null)[]
  total: string
}

export interface ChartData {
  /** The first day of each step of the period, those without cost included. */
  starts: string[]
  step: Step
  currency: string
  /** The largest first; (none) and (other) last. */
  series: Series[]
  totals: (string | null)[]
  /** Steps with lines that are estimates, or of bills that are not whole. */
  estimated: boolean[]
  partial: boolean[]
}

/** Something that happened at some steps, and where it is explained. */
export interface Mark { first: string; last: string; label: string; short: string; excess: string; href: string; more: boolean }

/** What was to be expected, drawn behind the bars. */
export interface Band { label: string; low: (string | null)[]; high: (string | null)[] }

/** A line across the bars, as the period before. */
export interface Overlay { label: string; values: (string | null)[] }

/** The first days of the steps of a period that ends before until. */
export function startsOf(from: string, until: string, step: Step): string[] {
  const starts: string[] = []
  for (let day = startOf(from, step); day < until && starts.length < 5000; day = stepAfter(day, step)) starts.push(day)
  return starts
}

/** The first day of the step that a day is in: itself, its Monday, or the first of its month. */
export function startOf(day: string, step: Step): string {
  if (step === 'month') return addMonths(day, 0)
  if (step === 'day') return day
  const weekday = (new Date(dayToMs(day)).getUTCDay() + 6) % 7
  return msToDay(dayToMs(day) - weekday * 86_400_000)
}

export function stepAfter(start: string, step: Step): string {
  return step === 'month' ? addMonths(start, 1) : addDays(start, step === 'week' ? 7 : 1)
}

/** Currencies of rows with what they cost, the one with the most lines of money first: by the count of rows, for amounts do not compare. */
export function currenciesOf(rows: Row[]): string[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(String(row.currency), (counts.get(String(row.currency)) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([currency]) => currency)
}

/** Makes a chart of rows of cost_series, in one currency. name says what people call a value. */
export function seriesOf(rows: Row[], currency: string, from: string, until: string, step: Step, name = (value: string) => value): ChartData {
  const starts = startsOf(from, until, step)
  const place = new Map(starts.map((start, i) => [start, i]))
  const found = new Map<string, Series>()
  const estimated = starts.map(() => false)
  const partial = starts.map(() => false)
  const totals: (string | null)[] = starts.map(() => null)
  for (const row of rows) {
    const i = place.get(String(row.start))
    if (row.currency !== currency || i === undefined) continue
    const kind = (row.kind ?? 'value') as Series['kind']
    const key = `${kind} ${row.value}`
    let series = found.get(key)
    if (!series) {
      const value = String(row.value)
      series = { name: value, label: kind === 'value' ? name(value) || value : value, kind, colour: '', values: starts.map(() => null), total: '0' }
      found.set(key, series)
    }
    const cost = String(row.cost)
    series.values[i] = cost
    totals[i] = exact(add(parse(totals[i] ?? '0'), parse(cost)))
    if (Number(row.estimated_lines) > 0) estimated[i] = true
    if (Number(row.partial_lines) > 0) partial[i] = true
  }
  const all = [...found.values()]
  for (const s of all) s.total = sum(s.values.filter((v) => v !== null))
  const order = { value: 0, none: 1, other: 2 }
  all.sort((a, b) => order[a.kind] - order[b.kind] || compare(b.total, a.total) || (a.name < b.name ? -1 : 1))
  all.forEach((s, i) => (s.colour = s.kind === 'value' ? `series-${(i % 8) + 1}` : `series-${s.kind}`))
  return { starts, step, currency, series: all, totals, estimated, partial }
}
