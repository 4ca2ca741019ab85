import type { Row } from '$lib/api.ts'

export interface Neighbour { arn: string; name: string; type: string; exists: boolean; ways: string[] }

/** The other ends of edges, each once: what the resource relates to, and what relates to it. What does both is among the first. */
export function neighbours(rows: Row[]): { out: Neighbour[]; into: Neighbour[] } {
  const found = new Map<string, Neighbour & { out: boolean }>()
  const ordered = [...rows].sort((a, b) => Number(b.direction === 'out') - Number(a.direction === 'out'))
  for (const row of ordered) {
    const arn = String(row.other_arn)
    const way = String(row.type).replaceAll('_', ' ')
    const entry = found.get(arn) ?? { arn, name: String(row.other_name) || (arn.split(/[:/]/).at(-1) ?? arn), type: String(row.other_type), exists: row.other_exists === true, ways: [], out: row.direction === 'out' }
    if (!entry.ways.includes(way)) entry.ways.push(way)
    found.set(arn, entry)
  }
  const all = [...found.values()]
  return { out: all.filter((n) => n.out), into: all.filter((n) => !n.out) }
}
