import { expect } from 'vitest'

/** What only the Worker and ClickHouse may know. */
export const secrets = { user: 'reader_7f3a91', password: 'pw-Zq9-81c4e0', host: 'ch-7d1.internal.example' }

/** What ClickHouse says with its errors. */
export const exceptionText = "Code: 241. DB::Exception: Memory limit (for query) exceeded: While executing SELECT secret_column FROM polo.resource_events WHERE actor = 'zebra-actor'. (MEMORY_LIMIT_EXCEEDED) (version 25.8.2.29)"

const forbidden = [
  ...Object.values(secrets),
  'DB::Exception', 'secret_column', 'zebra', 'MEMORY_LIMIT', '25.8.2', // ClickHouse's text
  'SELECT ', 'FROM polo.', 'LIMIT {', // SQL
  'eyJ', // a token
]

/** Fails if a text tells of what only the Worker and ClickHouse may know. */
export function expectNoLeak(text: string) {
  expect(forbidden.filter((s) => text.includes(s)), `in ${text.slice(0, 500)}`).toEqual([])
}
