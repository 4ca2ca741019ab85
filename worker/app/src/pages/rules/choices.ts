import type { Row } from '$lib/api.ts'
import { ask, type Ask } from '$lib/ask.ts'
import { choice, list, type Patch } from '$lib/params.ts'
import { shell } from '$lib/shell.ts'

export const severities = ['critical', 'high', 'medium', 'low'] as const
export const statuses = ['open', 'exempt', 'unknown', 'resolved', 'all'] as const

export function status() {
  return choice('status', statuses, 'open')
}

/** Asks for violations under the filters of the page and the status, and patch besides. */
export function askViolations(patch: Patch = {}): Ask {
  return ask('rule_violations', { status: status(), limit: '5000', ...patch })
}

/** The rules and severities that the page is narrowed to. */
export function narrowed(): Patch {
  return { rule: list('rule'), severity: list('severity') }
}

export interface Group { key: string; rows: Row[] }

/** Rows by a column, in the order in which the API has them: the worst first. */
export function groupBy(rows: Row[], column: string): Group[] {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const key = String(row[column])
    const group = found.get(key)
    if (group) group.push(row)
    else found.set(key, [row])
  }
  return [...found].map(([key, group]) => ({ key, rows: group }))
}

/** The command that exempts a resource, or all that a rule judges in an account. until and the reason are for the reader to say. */
export function exemption(rule: string, arn: string): string {
  return `polo rules exempt ${rule} --arn ${shell(arn)} --reason "WHY" --author NAME --until YYYY-MM-DD`
}
