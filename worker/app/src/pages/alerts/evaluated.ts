import type { Row } from '../../lib/api.ts'
import { timeToMs } from '../../lib/time.ts'

/** Without a finished evaluation for so long, evaluations stopped: they are due every five minutes. */
export const stoppedAfter = 15 * 60 // seconds

/** When the newest evaluation that finished was due, and whether evaluations stopped. Those that yielded or have no end evaluated nothing. */
export function evaluated(runs: Row[], now = Date.now()): { last: string | null; stopped: boolean } {
  const last = runs.filter((r) => r.state === 'finished').map((r) => String(r.scheduled)).sort().at(-1) ?? null
  return { last, stopped: last === null || now - timeToMs(last) > stoppedAfter * 1000 }
}
