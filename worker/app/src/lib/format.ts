import { group, show } from './money.ts'

/** Numbers that are no money. Integers of 64 bits are texts, and stay exact. */
export function showCount(value: string | number): string {
  return group(String(value)).replace('-', '\u2212')
}

export function showQuantity(value: string): string {
  return show(value, 4).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}

export function showPercent(value: string | number, digits = 1): string {
  return `${group(Number(value).toFixed(digits)).replace('-', '\u2212')}%`
}

export function showNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 6 })
}

/** "1 resource", "2 resources". */
export function plural(count: number | string, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${Number(count) === 1 ? one : many}`
}

/** The part of an ARN that tells people most: what is behind the last colon. */
export function shortArn(arn: string): string {
  if (!arn.startsWith('arn:')) return arn
  return arn.split(':').slice(5).join(':') || arn
}

/** A principal by its name: the session of a role, with the role, or the user. */
export function shortActor(actor: string): { name: string; role: string } {
  const assumed = /:assumed-role\/([^/]+)\/(.+)$/.exec(actor)
  if (assumed) return { name: assumed[2] ?? actor, role: (assumed[1] ?? '').replace(/^AWSReservedSSO_(.*)_[^_]+$/, '$1') }
  const user = /:user\/(.+)$/.exec(actor)
  return { name: user?.[1] ?? actor, role: '' }
}
