import type { Row } from '$lib/api.ts'

/** A source that was silent for longer stands out. Bills and scans come once a day or oftener. */
export const lateAfter = 26 * 3600 // seconds

export function isLate(row: Row): boolean {
  return row.silent === null || Number(row.silent) > lateAfter
}

/** How well the scopes are read: within a day, longer ago, never. */
export function scopesByAge(rows: Row[]): { fresh: number; late: number; never: number } {
  const never = rows.filter((r) => r.last_scan === null).length
  const late = rows.filter((r) => r.last_scan !== null && Number(r.age) > lateAfter).length
  return { fresh: rows.length - late - never, late, never }
}
