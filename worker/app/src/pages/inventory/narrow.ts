import { ask, type Ask } from '$lib/ask.ts'
import { filters, type Dimension } from '$lib/filters.svelte.ts'
import { names } from '$lib/names.svelte.ts'
import { list, text, type Patch } from '$lib/params.ts'
import { showDay } from '$lib/time.ts'

/** What the inventory is narrowed by besides the filters of all pages. The names are those of resource_list's parameters. */
const own = ['state', 'tag', 'tag_value', 'property', 'property_value', 'first_from', 'first_until'] as const

/** What a change of the filters takes back to the first page. */
export const restart: Patch = { after: null }

export function narrowed(): Patch {
  return Object.fromEntries(own.map((name) => [name, name === 'state' ? list('state') : text(name)]).filter(([, value]) => value?.length))
}

/** Asks about resources under all filters: those of the page, and those of the inventory. */
export function askInventory(query: string, patch: Patch = {}): Ask {
  return ask(query, { ...narrowed(), ...patch })
}

export interface Chip { label: string; value: string; clear: Patch }

/** The inventory's own filters as words, each with what takes it away. */
export function chips(): Chip[] {
  const found: Chip[] = []
  const add = (label: string, value: string, ...names: string[]) => found.push({ label, value, clear: { ...restart, ...Object.fromEntries(names.map((name) => [name, null])) } })
  if (list('state').length) add('State', list('state').join(', '), 'state')
  if (text('tag')) add('Tag', text('tag_value') ? `${text('tag')} = ${text('tag_value')}` : text('tag'), 'tag', 'tag_value')
  if (text('property')) add('Property', text('property_value') ? `${text('property')} has ${text('property_value')}` : text('property'), 'property', 'property_value')
  if (text('first_from')) add('First seen since', day(text('first_from')), 'first_from')
  if (text('first_until')) add('First seen before', day(text('first_until')), 'first_until')
  return found
}

function day(value: string): string {
  return /^\d{4}-/.test(value) ? showDay(value) : value
}

/** What was looked for, in words, for an answer that is empty. */
export function words(): string {
  const dimensions = (Object.keys(filters.values) as Dimension[]).map((d) => `${d.replace('_', ' ')} ${filters.values[d]?.map((v) => names.of(d, v)).join(' or ')}`)
  const all = [...dimensions, ...chips().map((c) => `${c.label.toLowerCase()} ${c.value}`)]
  const q = text('q')
  return [q ? `“${q}”` : '', all.length ? `with ${all.join(', ')}` : ''].filter(Boolean).join(' ')
}
