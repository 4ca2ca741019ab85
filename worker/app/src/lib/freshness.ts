import type { Row } from './api.ts'
import { showAgo } from './time.ts'

/** Sources by what they tell, as health_freshness names them. */
export const isActivity = (source: string): boolean => /cloudtrail|audit|activity/.test(source)
export const isCost = (source: string): boolean => /cur$|cost|focus|bill/.test(source)
export const isInventory = (source: string): boolean => !isActivity(source) && !isCost(source)

/** "CloudTrail heard of 12 min ago": how fresh what a tile shows is. column is the time of the row that counts. */
export function freshness(rows: Row[], which: (source: string) => boolean, column: 'last_event' | 'last_observed' | 'last_inserted', verb: string): string {
  const found = rows.filter((r) => which(String(r.source)) && r[column])
  if (found.length === 0) return ''
  // Several sources are as fresh as the stalest of them.
  const stalest = found.reduce((a, b) => (String(a[column]) < String(b[column]) ? a : b))
  const more = found.length > 1 ? `, ${stalest.source} the stalest of ${found.length}` : `, ${stalest.source}`
  return `${verb} ${showAgo(String(stalest[column]))}${more}.`
}
