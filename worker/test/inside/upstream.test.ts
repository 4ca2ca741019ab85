// ClickHouse's failures: what the client is told, and what it is not.
import { describe, expect, test, vi } from 'vitest'
import { exceptionText, secrets } from '../fakes/leaks'
import { breaksOff, call, exception, logged, network, rows, verdict } from '../fakes/worker'

const ask = (format = 'json') => call(`/api/query/rules?format=${format}`)
const formats = ['json', 'csv', 'ndjson']

describe('a code of ClickHouse becomes', () => {
  const classes: [code: string, status: number, retry: string | null, codes: number[]][] = [
    ['bad_parameter', 400, null, [36, 457]],
    ['too_large', 413, null, [158, 241, 307, 396]],
    ['busy', 429, '1', [201, 202, 216]],
    ['too_slow', 504, null, [159, 160]],
    ['replaced', 409, null, [394, 734]],
    ['not_configured', 502, null, [47, 60, 81, 164, 192, 193, 194, 497, 516]],
    ['unavailable', 503, '5', [209, 210, 279, 999]],
    ['upstream', 502, null, [0, 1, 43, 62, 1001, 99999, Number.NaN]], // any other
  ]
  test.each(classes.flatMap(([code, status, retry, codes]) => codes.map((c) => [c, status, code, retry] as const)))('%d: %d %s', async (code, status, is, retry) => {
    for (const format of formats) {
      // Whatever the status that it comes with.
      for (const of of [500, 404, 403, 200]) {
        network.clickhouse = () => exception(code, of, exceptionText)
        const answer = await ask(format)
        expect(verdict(answer)).toEqual([status, is])
        expect(answer.headers.get('Retry-After')).toBe(retry)
        expect(answer.headers.get('Content-Disposition')).toBeNull()
      }
    }
  })
})

describe('an answer without a code, as of a proxy, becomes', () => {
  const html = `<html><h1>502 Bad Gateway</h1>${secrets.host} ${exceptionText}</html>`
  test.each([
    [500, 503, 'unavailable'], [502, 503, 'unavailable'], [503, 503, 'unavailable'], [504, 503, 'unavailable'], [520, 503, 'unavailable'], [429, 503, 'unavailable'],
    [413, 413, 'too_large'], [414, 413, 'too_large'], [431, 413, 'too_large'],
    [400, 502, 'not_configured'], [401, 502, 'not_configured'], [403, 502, 'not_configured'], [404, 502, 'not_configured'],
    [301, 502, 'not_configured'], [302, 502, 'not_configured'], [307, 502, 'not_configured'], [308, 502, 'not_configured'],
    [201, 502, 'not_configured'], [206, 502, 'not_configured'],
  ])('%d: %d %s', async (of, status, code) => {
    for (const format of formats) {
      network.asked.length = 0
      network.clickhouse = () => new Response(html, { status: of, headers: { 'Content-Type': 'text/html', Location: 'https://evil.example/', 'Set-Cookie': 'a=b', Server: secrets.host } })
      const answer = await ask(format)
      expect(verdict(answer)).toEqual([status, code])
      for (const name of ['Location', 'Set-Cookie', 'Server']) expect(answer.headers.get(name)).toBeNull()
      // One request, to ClickHouse alone.
      expect(network.asked).toHaveLength(1)
      expect(network.hosts).not.toContain('evil.example')
    }
  })

  test('an error if it is a page with status 200', async () => {
    network.clickhouse = () => new Response(html, { headers: { 'Content-Type': 'text/html' } })
    expect(verdict(await ask())).toEqual([502, 'upstream'])
    for (const format of ['csv', 'ndjson']) expectBroken(await ask(format))
    network.clickhouse = () => new Response(`${html}\n`)
    expect(verdict(await ask())).toEqual([502, 'upstream'])
    for (const format of ['csv', 'ndjson']) expectBroken(await ask(format))
  })
})

describe('ClickHouse', () => {
  test.each(formats)('is down: %s', async (format) => {
    network.clickhouse = () => Promise.reject(new TypeError(`connect ECONNREFUSED ${secrets.host}:8443 as ${secrets.user}:${secrets.password}`))
    const answer = await ask(format)
    expect(verdict(answer)).toEqual([503, 'unavailable'])
    expect(answer.headers.get('Retry-After')).toBe('5')
  })

  describe('is slow', () => {
    /** Makes every wait for ClickHouse end when told. */
    function patience(): { ends(): void; of: number[] } {
      const limits: (() => void)[] = []
      const of: number[] = []
      const real = globalThis.setTimeout
      vi.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void, ms: number) => {
        if (ms < 10_000) return real(then, ms)
        of.push(ms)
        limits.push(then)
        return 0
      }) as typeof setTimeout)
      return { of, ends: () => limits.forEach((end) => end()) }
    }

    test.each(formats)('to begin: 504 after 30 s: %s', async (format) => {
      await ask(format) // has the keys
      const wait = patience()
      network.clickhouse = () => new Promise(() => queueMicrotask(wait.ends))
      expect(verdict(await ask(format))).toEqual([504, 'too_slow'])
      expect(wait.of).toEqual([30_000])
    })

    test('to end: 504, and no success', async () => {
      await ask()
      const wait = patience()
      network.clickhouse = ({ init }) => hanging(init.signal!, '{"rule":"a"}\n', wait.ends)
      expect(verdict(await ask())).toEqual([504, 'too_slow'])
    })

    test.each(['csv', 'ndjson'])('to end: the export fails: %s', async (format) => {
      await ask()
      const wait = patience()
      network.clickhouse = ({ init }) => hanging(init.signal!, '', wait.ends)
      expectBroken(await ask(format), 'too_slow')
    })

    /** A body that begins, and then waits until the signal ends it. */
    function hanging(signal: AbortSignal, first: string, then: () => void): Response {
      return new Response(new ReadableStream({
        start(out) {
          if (first) out.enqueue(new TextEncoder().encode(first))
          signal.addEventListener('abort', () => out.error(signal.reason))
          queueMicrotask(then)
        },
      }))
    }
  })

  test('breaks off in a compact answer: no success is said', async () => {
    for (const chunks of [[], ['{"rule":"a"}\n'], ['{"rule":"a"}\n{"ru'], ['{"rule":']]) {
      network.clickhouse = () => breaksOff(...chunks)
      expect(verdict(await ask())).toEqual([502, 'upstream'])
    }
  })

  test('ends in the midst of a row in a compact answer: no success is said', async () => {
    for (const text of ['{"rule":"a"}', '{"rule":"a"}\n{"ru', '{"rule":"a","m":{"k":"v"}', '{"rule":']) {
      network.clickhouse = () => new Response(text)
      expect(verdict(await ask()), text).toEqual([502, 'upstream'])
    }
  })

  const late = [
    exceptionText,
    `${exceptionText}\n`,
    `__exception__\r\n${exceptionText}\r\n__exception__\r\n`,
    `{"exception": ${JSON.stringify(exceptionText)}}\n`,
    `["exception: ${exceptionText}"]\n`,
  ]
  test.each(late)('errs after 200 in a compact answer: no success is said: %j', async (said) => {
    for (const before of ['', '{"rule":"a"}\n', '{"rule":"a"}\n'.repeat(200)]) {
      network.clickhouse = () => new Response(before + said)
      expect(verdict(await ask())).toEqual([502, 'upstream'])
    }
  })

  test.each(late.flatMap((said) => [['csv', said], ['ndjson', said]]))('errs after 200 in an export: no trailer, and the stream fails: %s %j', async (format, said) => {
    const { columns } = (await call('/api/queries')).json.queries.find((q: { name: string }) => q.name === 'rules')
    const row = format === 'csv' ? JSON.stringify(columns.map((c: { name: string }) => c.name)) : '{"rule":"a"}'
    for (const n of [0, 1, 200]) { // 200 is the limit: the failure is where a row more would be
      network.clickhouse = () => new Response(`${row}\n`.repeat(n) + said)
      expectBroken(await ask(format))
    }
  })

  test.each(['csv', 'ndjson'])('breaks off in an export: no trailer, and the stream fails: %s', async (format) => {
    const first = '{"rule":"a"}\n'
    for (const chunks of [[], [format === 'ndjson' ? first : ''], ['{"ru'], ['["a']]) {
      network.clickhouse = () => breaksOff(...chunks.filter(Boolean))
      expectBroken(await ask(format))
    }
  })

  test('ends in the midst of a row in an export, at what looks like its end', async () => {
    network.clickhouse = () => new Response('{"rule":"a"}\n{"rule":"b","m":{"k":"v"}')
    expectBroken(await ask('ndjson'))
  })

  test('sends bytes that are no text', async () => {
    network.clickhouse = () => new Response(new Uint8Array([0xff, 0xfe, 0x0a]))
    expect(verdict(await ask())).toEqual([502, 'upstream'])
    for (const format of ['csv', 'ndjson']) expectBroken(await ask(format))
  })
})

describe('health', () => {
  const health = () => call('/api/health')

  test('tells when the newest event came', async () => {
    await call('/api/me') // its token is of the real time, as the Worker's clock for tokens is
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      vi.setSystemTime(new Date('2030-01-02T03:04:05Z'))
      network.clickhouse = () => rows({ source: 'a', last_inserted: '2030-01-02 03:03:55.000' }, { source: 'b', last_inserted: null }, { source: 'c', last_inserted: '2029-12-31 00:00:00.000' })
      const answer = await health()
      expect(answer.json).toEqual({ status: 'ok', newest: '2030-01-02 03:03:55.000', lag_seconds: 10 })
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
    } finally {
      vi.useRealTimers()
    }
  })

  test('of an empty ClickHouse is well', async () => {
    expect((await health()).json).toEqual({ status: 'ok', newest: null, lag_seconds: null })
  })

  test.each<[string, () => Response | Promise<Response>, number, string]>([
    ['is down', () => Promise.reject(new TypeError(secrets.host)), 503, 'unavailable'],
    ['refuses', () => exception(516, 403, exceptionText), 502, 'not_configured'],
    ['breaks off', () => breaksOff('{"source":"a",'), 502, 'upstream'],
    ['ends within a row', () => new Response('{"source":"zebra","last_ins'), 502, 'upstream'],
    ['errs late', () => new Response(`{"source":"a","last_inserted":null}\n${exceptionText}\n`), 502, 'upstream'],
    ['answers a page', () => new Response('<html>zebra</html>\n'), 502, 'upstream'],
    ['answers a row that is no JSON', () => new Response('{"source":"zebra",}\n'), 502, 'upstream'],
  ])('tells no more than an answer does if ClickHouse %s', async (_, clickhouse, status, code) => {
    network.clickhouse = clickhouse
    expect(verdict(await health())).toEqual([status, code])
  })
})

/** An export that is not whole fails, ends with no trailer of success, tells nothing, and is logged. */
function expectBroken({ status, text, failure, headers }: Awaited<ReturnType<typeof ask>>, code = 'upstream') {
  expect(status).toBe(200)
  expect(failure).toBeDefined()
  expect(text).not.toMatch(/truncated/)
  expect(text).not.toMatch(/DB::Exception|__exception__|zebra|html/)
  const said = logged.map((l) => JSON.parse(l)).filter((l) => l.request_id === headers.get('Polo-Request-Id'))
  expect(said).toHaveLength(1)
  expect(said[0].code).toBe(code)
}
