/**
 * Money is a decimal text, as the API sends it, and never becomes a Number: 0.1 + 0.2 is 0.3 here. Arithmetic is on BigInt, scaled by a
 * power of ten. Only pixels may be floats: see pixels().
 */
export interface Decimal {
  units: bigint
  /** How many digits of units are behind the point. */
  scale: number
}

export const zero: Decimal = { units: 0n, scale: 0 }

const shape = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Parses "-12.340". Throws on what is no decimal: money that cannot be read must not be shown as 0. */
export function parse(text: string): Decimal {
  const m = shape.exec(text)
  const digits = (m?.[2] ?? '') + (m?.[3] ?? '')
  if (!m || digits === '') throw new Error(`not a decimal: ${text}`)
  let units = BigInt(digits)
  let scale = (m[3] ?? '').length - Number(m[4] ?? 0)
  if (scale < 0) {
    units *= 10n ** BigInt(-scale)
    scale = 0
  }
  return { units: m[1] === '-' ? -units : units, scale }
}

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale]
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = align(a, b)
  return { units: x + y, scale }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { units: -b.units, scale: b.scale })
}

/** Adds texts. The caller adds one currency at a time: byCurrency() sorts them apart. */
export function sum(texts: Iterable<string>): string {
  let total = zero
  for (const text of texts) total = add(total, parse(text))
  return exact(total)
}

export function difference(a: string, b: string): string {
  return exact(subtract(parse(a), parse(b)))
}

export function compare(a: string, b: string): number {
  const [x, y] = align(parse(a), parse(b))
  return x < y ? -1 : x > y ? 1 : 0
}

export function sign(text: string): -1 | 0 | 1 {
  const { units } = parse(text)
  return units < 0n ? -1 : units > 0n ? 1 : 0
}

export function absolute(text: string): string {
  return text.startsWith('-') ? text.slice(1) : text
}

/** Divides, rounded half to even at digits behind the point: an average, a share. Null for a divisor of 0. */
export function divide(a: string, b: string, digits: number): string | null {
  const [x, y] = align(parse(a), parse(b))
  return y === 0n ? null : exact({ units: quotient(x * 10n ** BigInt(digits), y), scale: digits })
}

/** Returns a in percent of b with one digit behind the point, or null for a b of 0. */
export function percent(a: string, b: string): string | null {
  const [x, y] = align(parse(a), parse(b))
  return y === 0n ? null : exact({ units: quotient(x * 1000n, y), scale: 1 })
}

/** Divides, half to even. */
function quotient(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n
  const x = a < 0n ? -a : a
  const y = b < 0n ? -b : b
  let q = x / y
  const twice = (x % y) * 2n
  if (twice > y || (twice === y && q % 2n === 1n)) q += 1n
  return negative ? -q : q
}

/** Rounds half to even. */
export function round(value: Decimal, digits: number): Decimal {
  if (value.scale <= digits) return { units: value.units * 10n ** BigInt(digits - value.scale), scale: digits }
  return { units: quotient(value.units, 10n ** BigInt(value.scale - digits)), scale: digits }
}

/** Returns all digits, without zeros at the end. */
export function exact({ units, scale }: Decimal): string {
  const text = fixed({ units, scale })
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function fixed({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return (units < 0n ? '-' : '') + whole + (scale > 0 ? '.' + digits.slice(digits.length - scale) : '')
}

/** Puts commas between the thousands of a decimal text. */
export function group(text: string): string {
  const [whole = '', rest] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return rest === undefined ? grouped : `${grouped}.${rest}`
}

const minus = '\u2212'

/** Shows 1234.565 as 1,234.56. What is less than the last digit is told as such: a cost of 0.001 is not 0.00. */
export function show(text: string, digits = 2): string {
  const value = parse(text)
  const rounded = round(value, digits)
  if (rounded.units === 0n && value.units !== 0n) {
    const least = digits > 0 ? `0.${'0'.repeat(digits - 1)}1` : '1'
    return value.units < 0n ? `>${minus}${least}` : `<${least}`
  }
  return group(fixed(rounded)).replace('-', minus)
}

/** Shows a change with its sign. */
export function showSigned(text: string, digits = 2): string {
  const shown = show(text, digits)
  return sign(text) > 0 && !shown.startsWith('<') ? `+${shown}` : shown
}

/** Shows all digits, for titles. */
export function showExact(text: string): string {
  return group(exact(parse(text))).replace('-', minus)
}

/** The nearest float, for places on a chart and nothing else. */
export function pixels(text: string): number {
  return Number(text)
}

/** Adds a column of rows, each currency by itself. The currencies come in alphabetical order. */
export function byCurrency<R extends { currency: string }>(rows: Iterable<R>, value: (row: R) => string): { currency: string; total: string }[] {
  const totals = new Map<string, Decimal>()
  for (const row of rows) totals.set(row.currency, add(totals.get(row.currency) ?? zero, parse(value(row))))
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, total]) => ({ currency, total: exact(total) }))
}
