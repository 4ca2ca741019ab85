import { decodeList } from './list.ts'
import { route } from './router.svelte.ts'
import { addDays, addMonths, daysBetween, resolveDay, today } from './time.ts'

/** What may be filtered by, on every page. The names are those of the queries' parameters. */
export const dimensions = ['customer', 'account', 'service', 'platform', 'region', 'resource_type', 'cluster', 'index', 'source', 'currency'] as const
export type Dimension = (typeof dimensions)[number]

/** The parameters of an address that survive a change of page. */
export const filterNames: readonly string[] = ['from', 'until', ...dimensions]

export const dimensionLabels: Record<Dimension, string> = {
  customer: 'Customer', account: 'Account', service: 'Service', platform: 'Platform', region: 'Region',
  resource_type: 'Resource type', cluster: 'Cluster', index: 'Index', source: 'Source', currency: 'Currency',
}

/** "platform, resource type", within a sentence. */
export function labelsOf(names: readonly Dimension[]): string {
  return names.map((name) => dimensionLabels[name].toLowerCase()).join(', ')
}

export interface Preset { label: string; from: string; until: string }

/** Relative periods stay relative in an address, so that a bookmark moves with the days. until is the day after the last. */
export const presets: readonly Preset[] = [
  { label: 'Month to date', from: 'month', until: 'today+1d' },
  { label: 'Last month', from: 'month-1m', until: 'month' },
  { label: 'Last 7 days', from: 'today-6d', until: 'today+1d' },
  { label: 'Last 30 days', from: 'today-29d', until: 'today+1d' },
  { label: 'Last 90 days', from: 'today-89d', until: 'today+1d' },
  { label: 'Last 12 months', from: 'month-11m', until: 'today+1d' },
]
const standard = presets[3] as Preset

class Filters {
  #renewed = $state(0)
  /** The UTC day that relative days count from. It stays while a page is read, so that all of the page is of the same days: see renew(). */
  today = $derived.by(() => {
    void [this.#renewed, route.path, route.search]
    return today()
  })
  /** As it is in the address: today-29d. */
  fromText = $derived(valid(route.query.get('from')) ?? standard.from)
  untilText = $derived(valid(route.query.get('until')) ?? standard.until)
  /** The first day. */
  from = $derived(resolveDay(this.fromText, this.today) ?? this.today)
  /** The day after the last; later than from even if the address says otherwise. */
  until = $derived.by(() => {
    const until = resolveDay(this.untilText, this.today) ?? addDays(this.today, 1)
    return until > this.from ? until : addDays(this.from, 1)
  })
  days = $derived(daysBetween(this.from, this.until))
  preset = $derived(presets.find((p) => p.from === this.fromText && p.until === this.untilText))
  /** The values that each dimension is narrowed to; a dimension that is not is not here. */
  values = $derived.by(() => {
    const values: Partial<Record<Dimension, string[]>> = {}
    for (const name of dimensions) {
      const list = decodeList(route.query.get(name))
      if (list.length > 0) values[name] = list
    }
    return values
  })

  /** Takes the day of now, as every change of the address does. */
  renew(): void {
    this.#renewed += 1
  }
}

function valid(day: string | null): string | null {
  return day !== null && resolveDay(day) !== null ? day : null
}

export const filters = new Filters()

/**
 * The period to compare with: whole months with as many whole months before, the days of one month so far with the same days of the month before,
 * and any other with as many days before it.
 */
export function periodBefore(from = filters.from, until = filters.until): { from: string; until: string } {
  const wholeMonths = from.endsWith('-01') ? monthsBetween(from, until) : 0
  if (wholeMonths > 0 && until.endsWith('-01')) return { from: addMonths(from, -wholeMonths), until: from }
  if (from.endsWith('-01') && addDays(until, -1).slice(0, 7) === from.slice(0, 7)) {
    const start = addMonths(from, -1)
    const end = addDays(start, daysBetween(from, until))
    return { from: start, until: end < from ? end : from }
  }
  return { from: addDays(from, -daysBetween(from, until)), until: from }
}

function monthsBetween(from: string, until: string): number {
  return (Number(until.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(until.slice(5, 7)) - Number(from.slice(5, 7))
}
