import { compare, difference } from '$lib/money.ts'

/**
 * Says how the sum of a breakdown's rows in a currency compares with the total, which the API gives by itself; undefined if it gives none in that currency. loose are filters
 * that narrow the total and not the rows.
 */
export function check(sum: string, total: string | undefined, currency: string, truncated: boolean, loose: readonly string[]): string {
  if (loose.length > 0) return `not comparable with the total: not narrowed by ${loose.join(', ')}`
  if (total === undefined) return ''
  if (compare(sum, total) === 0) return 'adds up to the total, exactly'
  return `differs from the total by ${difference(sum, total)} ${currency}: ${truncated ? 'rows are missing' : 'data came in between; load again'}`
}
