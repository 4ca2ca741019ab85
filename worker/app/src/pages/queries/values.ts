import type { Ask } from '$lib/ask.ts'
import { dimensions, filters } from '$lib/filters.svelte.ts'
import { decodeList, encodeList } from '$lib/list.ts'
import { text } from '$lib/params.ts'
import { resolveDay } from '$lib/time.ts'
import type { Described, Param } from './catalogue.svelte.ts'

/**
 * The values that the address has for the parameters of a query, under their own names: filters of the page are values too. A period that the page calls from and until
 * is since and until where the query says so. Lists are as the API takes them: without the spaces that people put behind commas.
 */
export function given(query: Described): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, type } of query.params) {
    const said = text(name) || (name === 'since' ? text('from') : '')
    const value = type.startsWith('Array') ? encodeList(decodeList(said)) : said
    if (value) values[name] = value
  }
  return values
}

export function asked(query: Described): Ask {
  const known = new Set(query.params.map((p) => p.name))
  return { query: query.name, params: given(query), ignored: dimensions.filter((d) => filters.values[d] && !known.has(d)) }
}

/** The choices of a parameter that has few: those of in, or of a pattern that is a list of words. */
export function choicesOf(param: Param): string[] {
  if (param.in) return param.in
  return param.pattern && /^[\w|]+$/.test(param.pattern) ? param.pattern.split('|') : param.type === 'Bool' ? ['true', 'false'] : []
}

export function isTime(param: Param): boolean {
  return param.type.startsWith('Date')
}

/** What a parameter may be, in words. */
export function bounds(param: Param): string {
  const list = param.type.startsWith('Array')
  const unit = !list && param.type === 'String' ? ' characters' : ''
  const parts = [
    list && !param.in ? 'several between commas' : '',
    param.default ? `default ${param.default}` : param.required ? 'required' : '',
    !list && param.min && param.max ? `from ${param.min} to ${param.max}${unit}` : !list && param.max ? `at most ${param.max}${unit}` : '',
  ]
  return parts.filter(Boolean).join('; ')
}

export const presets: Record<'day' | 'time', [string, string][]> = {
  day: [['today', 'today'], ['today-1d', 'yesterday'], ['today-7d', 'a week ago'], ['today-30d', '30 days ago'], ['today-90d', '90 days ago'], ['month', 'this month'], ['month-1m', 'last month'], ['month-12m', 'a year ago']],
  time: [['now', 'now'], ['now-1h', 'an hour ago'], ['now-24h', 'a day ago'], ['now-7d', 'a week ago'], ['now-30d', '30 days ago'], ['today', 'this midnight'], ['month', 'the first of this month']],
}

/** Resolves a day or time that may be relative, for SQL, which does not know them. What it does not know stays as it is. */
export function resolve(param: Param, value: string): string {
  if (param.type === 'Date32') return resolveDay(value) ?? value
  const [, sign, count, unit] = /^now(?:([+-])(\d{1,5})([hdm]))?$/.exec(value) ?? []
  if (!value.startsWith('now')) return resolveDay(value) ?? value
  const at = new Date()
  const by = Number(count ?? 0) * (sign === '-' ? -1 : 1)
  if (unit === 'm') at.setUTCMonth(at.getUTCMonth() + by)
  else at.setTime(at.getTime() + by * (unit === 'd' ? 86_400_000 : 3_600_000))
  return at.toISOString().slice(0, 23).replace('T', ' ')
}
