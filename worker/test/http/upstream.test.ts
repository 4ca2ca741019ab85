// ClickHouse over the wire: it is down, slow, elsewhere, or breaks off.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exceptionText, expectNoLeak } from '../fakes/leaks'
import { Fake, type Received, Deployment } from '../fakes/server'

let deployed: Deployment
beforeAll(async () => { deployed = await Deployment.start() })
afterAll(async () => { expectNoLeak(deployed.log); await deployed.stop() })
beforeEach(() => { deployed.clickhouse.got.length = 0 })

const formats = ['json', 'csv', 'ndjson']
const row = (format: string, i: number) => (format === 'csv' ? `${JSON.stringify(Array.from({ length: columns }, () => `r${i}`))}\n` : `{"rule":"r${i}"}\n`)
let columns = 0
beforeAll(async () => {
  const { queries } = JSON.parse((await deployed.call('/api/queries')).text)
  columns = queries.find((q: { name: string }) => q.name === 'rules').columns.length
})

const ask = (format: string, more = {}) => deployed.call(`/api/query/rules?limit=1000&format=${format}`, more)

/** A refusal, in answer, header and log. */
async function expectProblem(got: Received, status: number, code: string) {
  const said = JSON.parse(got.text)
  expect([got.status, said.error.code, said.request_id, got.whole]).toEqual([status, code, got.headers['polo-request-id'], true])
  expectNoLeak(got.text)
  expect(await deployed.logOf(got)).toMatchObject([{ status, code }])
}

/** An export that fails where the client sees it. */
async function expectBroken(got: Received, code = 'upstream') {
  expect([got.status, got.whole]).toEqual([200, false])
  expect(got.text).not.toMatch(/truncated/)
  expectNoLeak(got.text)
  expect(await deployed.logOf(got)).toMatchObject([{ code }])
}

describe('ClickHouse', () => {
  test('answers: rows, streamed or whole', async () => {
    for (const format of formats) {
      deployed.clickhouse.handler = (_, r) => r.setHeader('Content-Type', 'application/x-ndjson; charset=UTF-8').end(Array.from({ length: 1000 }, (_, i) => row(format, i)).join(''))
      const got = await ask(format)
      expect([got.status, got.whole]).toEqual([200, true])
      expect(new Set(got.text.match(/r\d+/g)).size).toBe(1000)
    }
    expect(deployed.log).not.toContain('warning')
  })

  test('is down', async () => {
    const gone = await new Fake().start()
    gone.stop()
    const alone = await Deployment.start(gone.url)
    try {
      for (const format of formats) {
        const got = await alone.call(`/api/query/rules?format=${format}`)
        expect([got.status, JSON.parse(got.text).error.code, got.headers['retry-after']]).toEqual([503, 'unavailable', '5'])
        expect(await alone.logOf(got)).toMatchObject([{ status: 503, code: 'unavailable', request_id: JSON.parse(got.text).request_id }])
      }
      expect((await alone.call('/api/health')).status).toBe(503)
      expectNoLeak(alone.log)
      expect(alone.log).not.toContain(new URL(gone.url).port)
    } finally {
      await alone.stop()
    }
  })

  test.each(formats)('hangs up before it answers: %s', async (format) => {
    deployed.clickhouse.handler = (_, r) => r.destroy()
    await expectProblem(await ask(format), 503, 'unavailable')
  })

  test('is slow to begin: 504, and its queries end', async () => {
    deployed.clickhouse.handler = () => {}
    for (const got of await Promise.all(formats.map((f) => ask(f)))) await expectProblem(got, 504, 'too_slow')
    expect(deployed.clickhouse.got).toHaveLength(3)
    await Promise.all(deployed.clickhouse.got.map((r) => r.left))
  })

  test('is slow to end: a compact answer is 504, and an export fails', async () => {
    deployed.clickhouse.handler = (q, r) => r.write(row(q.url!.includes('Compact') ? 'csv' : 'ndjson', 1).repeat(10))
    const [json, ...exports] = await Promise.all(formats.map((f) => ask(f)))
    await expectProblem(json!, 504, 'too_slow')
    for (const got of exports) await expectBroken(got, 'too_slow')
  })

  /** How an answer ends too early. */
  const ends: [string, (r: ServerResponse, format: string) => void][] = [
    ['hangs up after its headers', (r) => { r.flushHeaders(); setImmediate(() => r.destroy()) }],
    ['hangs up between rows', (r, f) => r.write(row(f, 1), () => r.destroy())],
    ['hangs up within a row', (r, f) => r.write(row(f, 1) + row(f, 2).slice(0, 6), () => r.destroy())],
    ['hangs up before the length that it told', (r, f) => { r.setHeader('Content-Length', 100_000); r.write(row(f, 1).repeat(10), () => r.destroy()) }],
    ['hangs up late', (r, f) => r.write(Array.from({ length: 900 }, (_, i) => row(f, i)).join(''), () => r.destroy())],
    ['ends within a row', (r, f) => r.end(row(f, 1) + row(f, 2).slice(0, 6))],
    ['ends with its error', (r, f) => r.end(`${row(f, 1)}${exceptionText}\n`)],
    ['ends with its error, after many rows', (r, f) => { r.write(Array.from({ length: 900 }, (_, i) => row(f, i)).join('')); r.end(`\r\n__exception__\r\n${exceptionText}\r\n`) }],
    ['answers a page', (r) => r.setHeader('Content-Type', 'text/html').end(`<html>${exceptionText}</html>\n`)],
  ]
  test.each(ends)('%s: a compact answer says so', async (_, end) => {
    deployed.clickhouse.handler = (_, r) => end(r, 'json')
    await expectProblem(await ask('json'), 502, 'upstream')
  })

  test.each(ends.flatMap(([name, end]) => [['csv', name, end] as const, ['ndjson', name, end] as const]))('%s: %s: the export fails', async (format, _, end) => {
    deployed.clickhouse.handler = (_, r) => end(r, format)
    await expectBroken(await ask(format))
  })

  test.each([301, 302, 303, 307, 308])('redirects by %d: nobody else is asked, or sees the account', async (status) => {
    const elsewhere = await new Fake().start()
    try {
      for (const format of formats) {
        deployed.clickhouse.handler = (_, r) => r.writeHead(status, { Location: `${elsewhere.url}/` }).end()
        await expectProblem(await ask(format), 502, 'not_configured')
      }
      expect(elsewhere.got).toEqual([])
      expect(deployed.clickhouse.got).toHaveLength(3)
    } finally {
      elsewhere.stop()
    }
  })

  test.each([[401, 502], [403, 502], [404, 502], [500, 503], [502, 503], [503, 503]])('is a proxy that answers %d with a page: %d', async (status, want) => {
    deployed.clickhouse.handler = (_, r) => r.writeHead(status, { 'Content-Type': 'text/html', 'WWW-Authenticate': 'Basic' }).end(`<html>${exceptionText.repeat(2000)}</html>`)
    const got = await ask('json')
    await expectProblem(got, want, want === 502 ? 'not_configured' : 'unavailable')
    expect(got.headers['www-authenticate']).toBeUndefined()
  })

  test('is told texts as parameters, whatever they hold', async () => {
    deployed.clickhouse.handler = (_, r) => r.end()
    const text = "'; DROP TABLE x; --\t\n\\&user=default&param_limit=9#🦓%27+"
    await deployed.call(`/api/query/resource_search?q=${encodeURIComponent(text)}`)
    const { url, body, raw } = deployed.clickhouse.got[0]!
    expect([...url.searchParams.keys()].sort()).toEqual(['default_format', 'param_limit', ...[...url.searchParams.keys()].filter((n) => n.startsWith('param_') && n !== 'param_limit'), 'query_id', 'wait_end_of_query'].sort())
    expect(url.searchParams.get('param_q')).toBe("'; DROP TABLE x; --\\t\\n\\\\&user=default&param_limit=9#🦓%27+")
    expect(url.searchParams.get('param_limit')).toBe('50')
    expect(raw.startsWith('/?')).toBe(true)
    expect(body).not.toContain('DROP')
  })
})

describe('a client that leaves', () => {
  const requests: [string, string, (r: ServerResponse) => unknown][] = [
    ['before the answer', 'json', () => {}],
    ['before an export', 'csv', () => {}],
    ['in the midst of a compact answer', 'json', (r) => r.write(row('json', 1))],
    ['in the midst of an export', 'ndjson', (r) => r.write(row('ndjson', 1).repeat(2000))],
    ['in the midst of an export that stalls', 'csv', (r) => r.write(row('csv', 1))],
  ]
  test.each(requests)('%s ends its query: %s', async (_, format, begin) => {
    deployed.clickhouse.handler = (_, r) => begin(r)
    const client = new AbortController()
    const asked = deployed.clickhouse.next()
    const before = deployed.log.length
    const gone = deployed.call(`/api/query/rules?limit=1000&format=${format}`, { signal: client.signal }).catch(() => 'left')
    const { left } = await asked
    client.abort()
    expect(await gone).toBe('left')
    await left
    expect(deployed.log.slice(before), 'the Worker did not wait until it would give up').not.toContain('too_slow')
  })

  test('and asks by HEAD leaves no export running', async () => {
    deployed.clickhouse.handler = (_, r) => r.write(row('ndjson', 1).repeat(10))
    const asked = deployed.clickhouse.next()
    const before = deployed.log.length
    const got = await ask('ndjson', { method: 'HEAD' })
    expect([got.status, got.text]).toEqual([200, ''])
    await (await asked).left
    expect(deployed.log.slice(before)).not.toContain('too_slow')
  })
})
