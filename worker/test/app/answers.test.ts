import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { query } from '../../app/src/lib/answers'

interface Request { path: string; tile: string; cache: string; signal: AbortSignal; answer: (body: object) => void; fail: (code: string) => void }
const { requests, ApiError } = vi.hoisted(() => ({
  requests: [] as Request[],
  ApiError: class extends Error {
    constructor(readonly code: string) { super(code) }
  },
}))

// The network, and the catalogue, which is made when the application is built.
vi.mock('../../app/src/lib/api.ts', () => ({
  ApiError,
  fetchJson: (path: string, init: { tile: string; cache: string; signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      requests.push({ path, ...init, answer: resolve, fail: (code) => reject(new ApiError(code)) })
      init.signal.addEventListener('abort', () => reject(init.signal.reason))
    }),
}))
vi.mock('../../app/src/lib/ask.ts', () => ({ address: ({ query, params }: Question) => `/api/query/${query}?${new URLSearchParams(params)}`, cacheSeconds: () => 60 }))

interface Question { query: string; params: Record<string, string>; ignored: [] }
let count = 0

/** A question that no other test asks. */
const question = (): Question => ({ query: `q${count}`, params: {}, ignored: [] })
const last = () => requests.at(-1) as Request

/** Asks for a tile, and keeps what became of it. */
function user(question: Question, tile: string, fresh = false) {
  const stop = new AbortController()
  const got: { rows?: unknown; error?: string; asked?: number } = {}
  query(question, stop.signal, tile, fresh).then(
    ({ answer, asked }) => Object.assign(got, { rows: answer.rows, asked }),
    (error: Error) => (got.error = error.message),
  )
  return { got, leave: () => stop.abort() }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

describe('answers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 })
    requests.length = 0
    count += 1
  })
  afterEach(() => void vi.useRealTimers())

  test('equal questions share a request, until nobody waits for it', async () => {
    const [a, b] = [user(question(), 'a'), user(question(), 'b')]
    expect(requests.map((r) => r.tile)).toEqual(['a'])
    a.leave()
    expect(last().signal.aborted).toBe(false)
    b.leave()
    expect(last().signal.aborted).toBe(true)
    await settle()
  })

  test('a request that its tile replaced is asked again for those who wait', async () => {
    const [a, b, c] = [user(question(), 'a'), user(question(), 'b'), user(question(), 'c')]
    a.leave()
    last().fail('replaced')
    await settle()
    expect(requests.map((r) => r.tile)).toEqual(['a', 'b'])
    last().answer({ rows: [1] })
    await settle()
    expect([b.got.rows, c.got.rows]).toEqual([[1], [1]])
  })

  test('and again if that tile moves on too, each name once', async () => {
    const [a, b, c] = [user(question(), 'a'), user(question(), 'b'), user(question(), 'c')]
    a.leave()
    last().fail('replaced')
    await settle()
    b.leave()
    last().fail('replaced')
    await settle()
    expect(requests.map((r) => r.tile)).toEqual(['a', 'b', 'c'])
    last().fail('replaced')
    await settle()
    expect([requests.length, c.got.error]).toEqual([3, 'replaced'])
  })

  test('what nobody waits for, what fails and what one tile alone waits for is not asked again', async () => {
    const a = user(question(), 'a')
    last().fail('replaced')
    await settle()
    const [b, c] = [user(question(), 'b'), user(question(), 'c')]
    last().fail('timeout')
    await settle()
    const d = user(question(), 'd')
    d.leave()
    last().fail('replaced')
    await settle()
    expect([a.got.error, b.got.error, c.got.error]).toEqual(['replaced', 'timeout', 'timeout'])
    expect(requests.map((r) => r.tile)).toEqual(['a', 'b', 'd'])
  })

  test('an answer is kept for as long as its query allows, and the cache of the browser is not asked', async () => {
    user(question(), 'a')
    vi.advanceTimersByTime(5000)
    last().answer({ rows: [1] })
    await settle()
    vi.advanceTimersByTime(59_999)
    const b = user(question(), 'b')
    await settle()
    expect([requests.length, b.got]).toEqual([1, { rows: [1], asked: 1_000_000 }])
    vi.advanceTimersByTime(1)
    user(question(), 'c')
    expect(requests.map((r) => r.cache)).toEqual(['no-cache', 'no-cache'])
    last().answer({ rows: [] })
    await settle()
  })

  test('fresh asks anew what is kept, and joins what is asked', async () => {
    user(question(), 'a')
    last().answer({ rows: [1] })
    await settle()
    const [b, c] = [user(question(), 'b', true), user(question(), 'c', true)]
    expect(requests.map((r) => r.tile)).toEqual(['a', 'b'])
    last().answer({ rows: [2] })
    await settle()
    expect([b.got.rows, c.got.rows]).toEqual([[2], [2]])
  })
})
