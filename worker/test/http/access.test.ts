// Access over the wire: its keys come late, or not at all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoLeak } from '../fakes/leaks'
import { Deployment } from '../fakes/server'

describe('requests', () => {
  let deployed: Deployment
  beforeAll(async () => { deployed = await Deployment.start() })
  afterAll(async () => { expectNoLeak(deployed.log); await deployed.stop() })

  test('at once have each their own caller, and fetch the keys once', async () => {
    const who = Array.from({ length: 40 }, (_, i) => `p${i % 7}@example.com`)
    const answers = await Promise.all(who.map(async (email) => deployed.call('/api/me', { headers: { 'Cf-Access-Jwt-Assertion': await deployed.token({ email }) } })))
    expect(answers.map((a) => JSON.parse(a.text).email)).toEqual(who)
    expect(deployed.access.got.map((r) => r.raw)).toEqual(['/cdn-cgi/access/certs'])
  })

  test('with two tokens are refused, whichever is right', async () => {
    const right = await deployed.token()
    for (const tokens of [[right, right], [right, 'x.y.z'], ['x.y.z', right], ['', right]]) {
      expect((await deployed.call('/api/me', { headers: { 'Cf-Access-Jwt-Assertion': tokens } })).status, tokens.map((t) => t.length).join()).toBe(401)
    }
  })

  test('with a cookie alone are refused', async () => {
    const token = await deployed.token()
    expect((await deployed.call('/api/me', { headers: { 'Cf-Access-Jwt-Assertion': [], Cookie: `CF_Authorization=${token}` } })).status).toBe(401)
  })

  test('reach ClickHouse without a header of the client', async () => {
    await deployed.call('/api/query/rules', { headers: { Cookie: 'a=b', Authorization: 'Bearer x', 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': 'x', 'X-ClickHouse-Database': 'system', 'X-Forwarded-For': '1.2.3.4', 'Polo-Tile': 'a', 'User-Agent': 'zebra' } })
    const { headers } = deployed.clickhouse.got.at(-1)!
    expect(Object.keys(headers).filter((n) => !['host', 'content-length', 'transfer-encoding', 'connection', 'accept-encoding'].includes(n)).sort()).toEqual(['content-type', 'x-clickhouse-key', 'x-clickhouse-user'])
    expect([headers['x-clickhouse-user'], headers['x-clickhouse-key']]).toEqual(['reader_7f3a91', 'pw-Zq9-81c4e0'])
  })
})

describe('keys', () => {
  test('that do not come: 503, and the next who asks after a second is answered', async () => {
    const deployed = await Deployment.start()
    try {
      const { handler } = deployed.access
      deployed.access.handler = () => {} // never answers
      const waiting = await Promise.all([deployed.call('/api/me'), deployed.call('/api/me')])
      expect(waiting.map((a) => [a.status, a.headers['retry-after']])).toEqual([[503, '5'], [503, '5']])
      // One that sends elsewhere is not followed: whoever answers there would choose the keys.
      deployed.access.handler = (_, response) => response.writeHead(302, { Location: `${deployed.clickhouse.url}/certs` }).end()
      deployed.clickhouse.handler = handler
      await wait(1_000)
      expect((await deployed.call('/api/me')).status).toBe(503)
      expect(deployed.clickhouse.got).toEqual([])
      deployed.access.handler = handler
      await wait(1_000)
      expect((await deployed.call('/api/me')).status).toBe(200)
      expectNoLeak(deployed.log)
    } finally {
      await deployed.stop()
    }
  })

  test('that somebody asked for who left: the next is answered', async () => {
    const deployed = await Deployment.start()
    try {
      const { handler } = deployed.access
      deployed.access.handler = () => {}
      const client = new AbortController()
      const asked = deployed.access.next()
      const gone = deployed.call('/api/me', { signal: client.signal }).catch(() => 'left')
      await asked
      client.abort()
      expect(await gone).toBe('left')
      deployed.access.handler = handler
      expect((await deployed.call('/api/me')).status).toBe(200)
    } finally {
      await deployed.stop()
    }
  })
})

/** The clock of a server is nobody's to set. */
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))
