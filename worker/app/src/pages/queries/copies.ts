import choices from 'virtual:choices'
import { address } from '$lib/ask.ts'
import { decodeList } from '$lib/list.ts'
import { shell } from '$lib/shell.ts'
import type { Described } from './catalogue.svelte.ts'
import { isTime, resolve } from './values.ts'

/** Whether the dashboard is on this computer: its door takes a browser's cookie alone, and no service token. */
export const isLocal = /^(127\.[\d.]+|localhost|\[::1\])$/.test(location.hostname)

/** The question for a program: a service token of Access signs it in. */
export function asCurl(query: Described, values: Record<string, string>): string {
  return [
    'curl -H "CF-Access-Client-Id: $CLIENT_ID" -H "CF-Access-Client-Secret: $CLIENT_SECRET" \\',
    `  ${shell(location.origin + address({ query: query.name, params: values }))}`,
  ].join('\n')
}

export function asCommand(query: Described, values: Record<string, string>): string {
  return ['polo query', query.name, ...Object.entries(values).map(([name, value]) => `-p ${shell(`${name}=${value}`)}`)].join(' ')
}

/**
 * The question as one SQL statement, with its values written in. Filters without a value are left out, choices are the columns that they stand for, and relative times are those of
 * this moment.
 */
export function asSql(query: Described, values: Record<string, string>): string {
  const value = (name: string): string => {
    const param = query.params.find((p) => p.name === name)
    const text = values[name] ?? param?.default ?? ''
    return param && isTime(param) ? resolve(param, text) : text
  }
  const sql = query.sql
    .replace(/\s*-- mutant:\S+/g, '')
    .replace(/([^\S\n]*)\[\[([\s\S]*?)\]\]/g, (_, space: string, inner: string) => {
      const named = [...inner.matchAll(/\{(\w+):/g)].map((m) => m[1] ?? '')
      return named.every((name) => value(name) !== '') ? space + inner : ''
    })
    .replace(/\n[^\S\n]*(?=\n)/g, '')
    .replace(/\{\{(\w+)(\.label)?\}\}/g, (all, name: string, label?: string) => {
      const choice = choices[query.name]?.[name]?.[value(name)]
      return choice ? (label ? choice.label : choice.sql) : all
    })
    .replace(/\{(\w+):((?:[^{}'()]|'[^']*'|\([^()]*\))+)\}/g, (_, name: string, type: string) => literal(type, value(name)))
  return `${sql};`
}

/** A value as a literal of its type. */
function literal(type: string, value: string): string {
  if (type.startsWith('Array')) return `[${decodeList(value).map(quote).join(', ')}]`
  if (type === 'Date32') return `toDate32(${quote(value)})`
  if (type.startsWith('DateTime64')) return `toDateTime64(${quote(value)}, 3, 'UTC')`
  if (type.startsWith('Decimal')) return `${quote(value)}::${type}`
  return /^(U?Int|Float)/.test(type) && /^-?[\d.]+$/.test(value) ? value : type === 'Bool' && /^(true|false)$/.test(value) ? value : quote(value)
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
