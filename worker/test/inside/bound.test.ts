// Parameters are bound as schema/queries.Bind does in Go.
import { expect, inject, test } from 'vitest'
import { Problem } from '../../src/errors'
import { bind } from '../../src/params'
import { named } from '../../src/queries'
import { utf8 } from '../fakes/tokens'

interface Case {
  query: string
  values: Record<string, string>
  now: string
  faults?: string[]
  /** SHA-256 of the statement. */
  sql?: string
  parameters?: Record<string, string>
  said?: Record<string, string | string[]>
  limit?: number
}

declare module 'vitest' {
  interface ProvidedContext {
    boundCases: string
  }
}

test('values are bound as in Go', async () => {
  const text = inject('boundCases')
  if (!text) throw new Error('POLO_BOUND_CASES is not set: write a file by `POLO_BOUND_CASES=FILE go test -count=1 ./schema/queries -run TestBoundCases`, and name it to this test the same way')
  const cases = JSON.parse(text) as Case[]
  expect(cases.length).toBeGreaterThan(4000)
  expect(cases.filter((c) => c.faults).length).toBeGreaterThan(1000)
  const wrong: object[] = []
  const queries = new Set<string>()
  for (const { query, values, now, ...want } of cases) {
    const got = await bound(query, values, now)
    if (canonical(got) === canonical(want)) continue
    wrong.push({ values, got, want })
    queries.add(query)
  }
  expect(wrong.slice(0, 3), `${wrong.length} of ${cases.length} cases, of ${[...queries].join(', ')}; after a change of a query, write catalogue.json and the cases anew`).toEqual([])
})

async function bound(query: string, values: Record<string, string>, now: string): Promise<Omit<Case, 'query' | 'values' | 'now'>> {
  try {
    const b = bind(named(query), new Map(Object.entries(values)), new Date(now))
    return { sql: await sha256(b.sql), parameters: b.parameters, said: b.values, limit: b.limit }
  } catch (e) {
    if (!(e instanceof Problem) || !e.more.faults) throw e
    return { faults: [...new Set(e.more.faults.map((f) => f.param))].sort() }
  }
}

const sha256 = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))), (b) => b.toString(16).padStart(2, '0')).join('')

const canonical = (value: object): string =>
  JSON.stringify(value, (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v))
