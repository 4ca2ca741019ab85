const relative = /^(today|month|now)(?:([+-])([0-9]{1,5})([dmh]))?$/
const day = 86_400_000
const absolute = /^(\d{4})-(\d\d)-(\d\d)(?:(?:([T ])(\d\d?):(\d\d):(\d\d))(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)?)?$/

const date = 'Date32'

/** Whether a type is one of a date or a time. */
export const isDate = (type: string): boolean => type === date || type === "DateTime64(3, 'UTC')"

/** Parses a date or time, absolute in UTC or relative to now, to milliseconds since 1970. Throws an Error that says how to write one. */
export function at(type: string, text: string, now: Date): number {
  const t = relative.exec(text) ? fromNow(type, relative.exec(text)!, now) : fixed(type, text)
  if (t !== undefined) return t
  throw new Error(type === date
    ? `${shown(text)} is no date: write 2026-01-31, or relative to the present in UTC: today-30d, month-1m`
    : `${shown(text)} is no time: write 2026-01-31, 2026-01-31T08:00:00Z, or relative to the present: now-24h, today-7d`)
}

function fromNow(type: string, [, base, sign, digits, unit]: RegExpExecArray, now: Date): number {
  let t = now.getTime()
  if (base === 'today' || type === date) t = midnight(t)
  if (base === 'month') t = midnight(t) - (now.getUTCDate() - 1) * day
  const n = Number(digits ?? 0) * (sign === '-' ? -1 : 1)
  if (unit === 'd') t += n * day
  if (unit === 'h') t += (n * day) / 24
  if (unit === 'm') t = plusMonths(t, n)
  return type === date ? midnight(t) : t
}

/** A month has no day 31 everywhere: the last day stands for it. */
function plusMonths(t: number, n: number): number {
  const d = new Date(t)
  const first = utc(d.getUTCFullYear(), d.getUTCMonth() + n, 1)
  const last = new Date(utc(d.getUTCFullYear(), d.getUTCMonth() + n + 1, 0)).getUTCDate()
  return first + (Math.min(d.getUTCDate(), last) - 1) * day + (t - midnight(t))
}

function fixed(type: string, text: string): number | undefined {
  const m = absolute.exec(text)
  if (!m) return undefined
  const [, y, mo, d, mark, h = '0', mi = '0', s = '0', fraction = '', zone] = m
  if (mark !== undefined && type === date) return undefined
  if ((mark === 'T') !== (zone !== undefined)) return undefined
  const t = utc(Number(y), Number(mo) - 1, Number(d))
  // A day that its month does not have wraps into the next month.
  if (Number(mo) < 1 || Number(mo) > 12 || Number(d) < 1 || new Date(t).getUTCDate() !== Number(d)) return undefined
  if (Number(h) > 23 || Number(mi) > 59 || Number(s) > 59) return undefined
  const [hours, minutes] = zone === undefined || zone === 'Z' ? [0, 0] : [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hours > 24 || minutes > 60) return undefined // the bounds of Go's time.Parse
  const offset = (hours * 60 + minutes) * (zone?.startsWith('-') ? -1 : 1)
  return t + ((Number(h) * 60 + Number(mi) - offset) * 60 + Number(s)) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
}

/** Date.UTC, which takes the years 0 to 99 for those of the 20th century. */
function utc(year: number, month: number, dayOfMonth: number): number {
  const d = new Date(0)
  d.setUTCFullYear(year, month, dayOfMonth)
  return d.getTime()
}

const midnight = (t: number): number => Math.floor(t / day) * day

/** Writes a time as ClickHouse reads it. */
export function format(type: string, t: number): string {
  const text = new Date(t).toISOString()
  return type === date ? text.slice(0, 10) : text.slice(0, 23).replace('T', ' ')
}

/** Quotes a value for a message, cut if it is long. */
export const shown = (text: string): string => JSON.stringify([...text].slice(0, 80).join(''))
