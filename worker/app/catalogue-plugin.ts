import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

interface Entry { name: string; params: { name: string; in?: string[]; choices?: { sql: string; label: string }[] }[]; cache: number }

/**
 * Gives the application what stands in SQL for the values of parameters that choose columns, as the module virtual:choices: the API keeps it to itself.
 */
export function choices(file: string): Plugin {
  const id = '\0virtual:choices'
  return {
    name: 'polo-choices',
    resolveId: (source) => (source === 'virtual:choices' ? id : undefined),
    load(source) {
      if (source !== id) return
      this.addWatchFile(file)
      const entries = JSON.parse(readFileSync(file, 'utf8')) as Entry[]
      const found = entries.map((q) => [q.name, Object.fromEntries(q.params.filter((p) => p.choices).map((p) => [p.name, Object.fromEntries((p.in ?? []).map((value, i) => [value, p.choices?.[i]]))]))] as const)
      return `export default ${JSON.stringify(Object.fromEntries(found.filter(([, params]) => Object.keys(params).length > 0)))}`
    },
  }
}

/**
 * Gives the application the names of the queries with what each takes, as the module virtual:catalogue. The catalogue itself is
 * too large for a first load, and a list written by hand would go out of date.
 */
export function catalogue(file: string): Plugin {
  const id = '\0virtual:catalogue'
  return {
    name: 'polo-catalogue',
    resolveId: (source) => (source === 'virtual:catalogue' ? id : undefined),
    load(source) {
      if (source !== id) return
      this.addWatchFile(file)
      const entries = JSON.parse(readFileSync(file, 'utf8')) as Entry[]
      const small = Object.fromEntries(entries.map((q) => [q.name, { params: q.params.map((p) => p.name), cache: q.cache, period: period(q) }]))
      return `export default ${JSON.stringify(small)}`
    },
  }
}

/** The period that a page chooses: queries that compare have another one besides. */
function period(query: Entry): { from: string; until: string } | undefined {
  const names = query.params.map((p) => p.name)
  const from = ['from', 'since'].find((name) => names.includes(name) && names.includes('until'))
  return from ? { from, until: 'until' } : undefined
}
