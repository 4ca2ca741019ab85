import type { Row } from '$lib/api.ts'

/** One field that a scan saw changed. */
export interface Change { field: string; before: string[]; after: string[] }

/** The parts of a value that are compared: items of a list that is JSON, else the value. */
function parts(value: string): string[] {
  if (value === '') return []
  if (value.startsWith('[')) {
    try {
      const items: unknown = JSON.parse(value)
      if (Array.isArray(items)) return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
    } catch {
      // no JSON after all: it is compared as it is
    }
  }
  return [value]
}

/** Returns what differs: of lists, the items that went and came. Lists that differ in their order alone are shown whole. */
export function changeOf(row: Row): Change {
  const before = parts(String(row.before))
  const after = parts(String(row.after))
  const gone = before.filter((item) => !after.includes(item))
  const come = after.filter((item) => !before.includes(item))
  const field = String(row.field)
  return gone.length + come.length > 0 ? { field, before: gone, after: come } : { field, before, after }
}

/** The changes of each event, by its id. */
export function byEvent(rows: Row[]): Map<string, { previous: string; changes: Change[] }> {
  const found = new Map<string, { previous: string; changes: Change[] }>()
  for (const row of rows) {
    const id = String(row.event_id)
    const entry = found.get(id) ?? { previous: String(row.previous), changes: [] }
    entry.changes.push(changeOf(row))
    found.set(id, entry)
  }
  return found
}
