import { type Fault, Problem } from './errors'
import { at, format, isDate, shown } from './moment'
import type { Param, Query } from './queries'

/** A query with valid values of its parameters: what schema/queries.Bind makes in Go. */
export interface Bound {
  query: Query
  /** The statement; its parameters are {name:Type}. */
  sql: string
  /** The values as ClickHouse reads them from a URL. */
  parameters: Record<string, string>
  /** The values for people and programs. */
  values: Record<string, string | string[]>
  limit: number
}

const maxUnknown = 20 // names that an answer tells of: a body has room for many

/** Validates values and fills in the defaults; a Problem "bad_parameter" tells every fault at once. */
export function bind(query: Query, given: ReadonlyMap<string, string>, now: Date): Bound {
  const bound: Bound = { query, sql: query.sql, parameters: {}, values: {}, limit: 0 }
  const faults: Fault[] = []
  const unknown = [...given.keys()].filter((name) => !query.params.some((p) => p.name === name))
  for (const name of unknown.slice(0, maxUnknown)) {
    faults.push({ param: name.slice(0, 80), message: `there is none of that name: they are ${query.params.map((p) => p.name).join(', ')}` })
  }
  for (const p of query.params) {
    const text = given.get(p.name) ?? (p.required ? undefined : (p.default ?? ''))
    if (text === undefined) {
      faults.push({ param: p.name, message: `it is required: ${p.text}` })
      continue
    }
    try {
      set(bound, p, value(p, text, now))
    } catch (e) {
      faults.push({ param: p.name, message: says(e) })
    }
  }
  for (const { from, until, days } of query.periods ?? []) {
    const first = bound.values[from]
    const last = bound.values[until]
    if (typeof first !== 'string' || typeof last !== 'string') continue // refused above
    const apart = Math.round((Date.parse(last.slice(0, 10)) - Date.parse(first.slice(0, 10))) / 86_400_000)
    if (last <= first) faults.push({ param: until, message: `${last} is not after ${from}, which is ${first}: it is exclusive` })
    else if (apart > days) faults.push({ param: until, message: `${last} is ${apart} days after ${from}, and the most is ${days}` })
  }
  for (const name of given.keys()) {
    const missing = without(bound, name)
    if (missing.length > 0) faults.push({ param: name, message: `it does nothing without ${missing.join(' and ')}` })
  }
  if (faults.length > 0) throw new Problem('bad_parameter', `${query.name}: ${faults.map((f) => `parameter ${f.param}: ${f.message}`).join('; ')}`, { faults })
  bound.sql = leaveOut(bound)
  return bound
}

function set(bound: Bound, p: Param, v: string | string[]) {
  bound.values[p.name] = v
  bound.parameters[p.name] = typeof v === 'string' ? escape(v) : `[${v.map((item) => `'${escape(item).replaceAll("'", "\\'")}'`).join(',')}]`
  if (p.name === 'limit') bound.limit = Number(v)
  const choice = p.choices?.[p.in!.indexOf(v as string)]
  if (choice) {
    bound.sql = bound.sql.replaceAll(`{{${p.name}}}`, () => choice.sql).replaceAll(`{{${p.name}.label}}`, () => choice.label)
  }
}

const optional = /\s*\[\[(.*?)\]\]/gs

/** Takes out the optional parts of the SQL that name a parameter without a value. */
function leaveOut(bound: Bound): string {
  return bound.sql.replace(optional, (part) => (lacks(bound, part).length > 0 ? '' : part.replaceAll('[[', '').replaceAll(']]', '')))
}

/** Returns the parameters that lack a value, so that all that names a parameter with one is left out. */
function without(bound: Bound, name: string): string[] {
  if (!bound.values[name]?.length) return []
  const mentions = (text: string) => text.split(`{${name}:`).length - 1
  const parts = [...bound.sql.matchAll(optional)].map(([part]) => part).filter((part) => mentions(part) > 0 && lacks(bound, part).length > 0)
  const left = parts.reduce((n, part) => n - mentions(part), mentions(bound.sql))
  return left > 0 ? [] : [...new Set(parts.flatMap((part) => lacks(bound, part)))].sort()
}

/** Returns the parameters without a value that a part of the SQL names. */
function lacks({ values }: Bound, part: string): string[] {
  return [...part.matchAll(/\{(\w+):[^{}]+\}/g)].map(([, name]) => name!).filter((name) => values[name]?.length === 0)
}

/** Writes a text as ClickHouse reads a parameter: as in a file of TSV. */
function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

const array = /^Array\((.+)\)$/

/** Whether a parameter takes a list. */
export const isList = (p: Param): boolean => array.test(p.type)

function value(p: Param, text: string, now: Date): string | string[] {
  const item = array.exec(p.type)?.[1]
  if (!item) return one(p, p.type, text, now)
  const items = list(text)
  if (items.length > p.items!) throw new Error(`it has ${items.length} values, and the most is ${p.items}`)
  return items.map((v) => one(p, item, v, now))
}

/** Splits the text of a list: a JSON array of strings, or values between commas. */
function list(text: string): string[] {
  if (text === '') return []
  if (!text.startsWith('[')) return text.split(',')
  try {
    const items: unknown = JSON.parse(text)
    if (Array.isArray(items) && items.every((i) => typeof i === 'string')) return items
  } catch {
    // Told below.
  }
  throw new Error(`${shown(text)} is no JSON array of strings`)
}

/** Validates a single value, and returns it in ClickHouse's form. */
function one(p: Param, type: string, text: string, now: Date): string {
  let canonical = text
  if (type === 'String') string(p, text)
  else if (type === 'Bool') {
    if (text !== 'true' && text !== 'false') throw new Error(`${shown(text)} is neither true nor false`)
  } else if (isDate(type)) canonical = time(p, type, text, now)
  else canonical = number(p, type, text)
  if (p.in && !p.in.includes(canonical)) throw new Error(`${shown(text)} is none of ${p.in.join(', ')}`)
  return canonical
}

const maxString = 1000 // characters, of a string that declares no other

function string(p: Param, text: string) {
  const length = [...text].length
  const [least, most] = [Number(p.min ?? 0), Number(p.max ?? maxString)]
  if (!text.isWellFormed() || text.includes('\0')) throw new Error('it is not valid UTF-8, or holds a NUL')
  if (length < least) throw new Error(`${shown(text)} is shorter than ${least} characters`)
  if (length > most) throw new Error(`${shown(text)} is longer than ${most} characters`)
  if (p.pattern && !new RegExp(`^(?:${p.pattern})$`, 'u').test(text)) throw new Error(`${shown(text)} does not match ${p.pattern}`)
}

function time(p: Param, type: string, text: string, now: Date): string {
  const when = at(type, text, now)
  const least = at(type, p.min!, now)
  const most = at(type, p.max!, now)
  if (when < least) throw new Error(`${shown(text)} is before ${format(type, least)}`)
  if (when > most) throw new Error(`${shown(text)} is after ${format(type, most)}`)
  return format(type, when)
}

const integer = /^(U?)Int(8|16|32|64)$/
const decimal = /^Decimal\((\d+), (\d+)\)$/
const plain = /^-?[0-9]{1,80}(\.[0-9]{1,80})?$/
const places = 80 // that a value is compared with

function number(p: Param, type: string, text: string): string {
  const whole = integer.exec(type)
  if (!plain.test(text) || (whole && text.includes('.'))) throw new Error(`${shown(text)} is no ${whole ? 'whole number' : 'plain decimal number'}`)
  const [low, high, scale] = range(type)
  const v = scaled(text)
  const [least, most] = [p.min ?? low, p.max ?? high]
  if (v < scaled(least) || v > scaled(most)) throw new Error(`${shown(text)} is not from ${least} to ${most}`)
  if (v % 10n ** BigInt(places - scale) !== 0n) throw new Error(`${shown(text)} has more than ${scale} digits after the point`)
  return plainText(v)
}

/** The least and greatest value of a type, and its digits after the point. */
function range(type: string): [string, string, number] {
  const whole = integer.exec(type)
  if (whole) {
    const bits = BigInt(whole[2]!)
    return whole[1] ? ['0', `${2n ** bits - 1n}`, 0] : [`${-(2n ** (bits - 1n))}`, `${2n ** (bits - 1n) - 1n}`, 0]
  }
  const parts = decimal.exec(type)
  if (!parts) throw new Error(`the type ${type} is unknown`) // cannot happen: the catalogue's are tested
  const high = '9'.repeat(Number(parts[1]) - Number(parts[2]))
  return [`-${high}`, high, Number(parts[2])]
}

/** A plain decimal number times 10^places. */
function scaled(text: string): bigint {
  const [whole, fraction = ''] = text.replace('-', '').split('.') as [string, string?]
  const v = BigInt(whole + fraction.padEnd(places, '0'))
  return text.startsWith('-') ? -v : v
}

/** The number of a scaled value, without zeros that say nothing. */
function plainText(v: bigint): string {
  const digits = (v < 0n ? -v : v).toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return (v < 0n ? '-' : '') + digits.slice(0, -places) + (fraction && `.${fraction}`)
}

const says = (e: unknown): string => (e instanceof Error ? e.message : String(e))
