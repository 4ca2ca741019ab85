// Settings that are missing or wrong: nothing is asked of anybody, and the answer names the setting alone.
import { describe, expect, test } from 'vitest'
import { configure, type Env } from '../../src/env'
import { secrets } from '../fakes/leaks'
import { audience } from '../fakes/tokens'
import { call, env, network, verdict } from '../fakes/worker'

const host = secrets.host
const urls: (string | undefined)[] = [
  undefined, '', ' ', host, `//${host}`, `ftp://${host}`, `ws://${host}`, 'javascript:1', 'data:,x', `http://${host}`, `http://${host}:8123`,
  `https://${host}/path`, `https://${host}//`, `https://${host}/?a=b`, `https://${host}/#a`, `https://${secrets.user}@${host}`, `https://${secrets.user}:${secrets.password}@${host}/`, `https://:${secrets.password}@${host}`,
  'http://127.0.0.1.example.com', 'http://localhost.example.com', 'http://127.0.0.1@example.com', 'http://[::2]', 'http://10.0.0.1', 'http://169.254.169.254', 'http://0.0.0.0', 'https://', 'https://a b',
]
const wrong: [keyof Env, string | undefined][] = [
  ...urls.map((u) => ['CLICKHOUSE_URL', u] as [keyof Env, string | undefined]),
  ...urls.map((u) => ['ACCESS_TEAM', u] as [keyof Env, string | undefined]),
  ...[undefined, '', ' ', ',', ' , '].map((a) => ['ACCESS_AUD', a] as [keyof Env, string | undefined]),
  // What no header can hold, or what the runtime would warn of with the value in its log.
  ...[undefined, '', `${secrets.password}\nX-A: b`, `${secrets.password}\n`, `${secrets.password}\0`, `${secrets.password}\r\n\r\nSELECT 1`, `${secrets.password}é`, `${secrets.password}🦓`].flatMap((p) => [['CLICKHOUSE_USER', p], ['CLICKHOUSE_PASSWORD', p]] as [keyof Env, string | undefined][]),
]

describe('a setting that is wrong', () => {
  test.each(wrong)('%s=%j', async (name, value) => {
    for (const path of ['/api/query/rules', '/api/me', '/api/health']) {
      const answer = await call(path, { env: { [name]: value } as Partial<Env> })
      expect(verdict(answer)).toEqual([502, 'not_configured'])
      expect(answer.json.error.message).toBe(`The server's setting ${name} is missing or wrong.`)
    }
    // Nobody is trusted meanwhile: also without a token the answer is the same.
    expect((await call('/api/me', { env: { [name]: value } as Partial<Env>, token: null })).status).toBe(502)
    expect([network.asked, network.certsAsked, network.hosts.size]).toEqual([[], 0, 0])
  })
})

describe('a setting that is right', () => {
  test.each(['https://ch.example.com', 'https://ch.example.com/', 'https://ch.example.com:8443', 'https://1.2.3.4', 'http://127.0.0.1:8123', 'http://localhost:8123', 'http://[::1]:8123', 'http://0x7f.1'])('CLICKHOUSE_URL=%s', (value) => {
    expect(configure({ ...env, CLICKHOUSE_URL: value }).clickhouse.origin).toBe(new URL(value).origin)
  })

  test('CLICKHOUSE_PASSWORD of all that a header can hold', () => {
    const password = String.fromCharCode(...Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i))
    expect(configure({ ...env, CLICKHOUSE_PASSWORD: password }).credentials['X-ClickHouse-Key']).toBe(password)
  })

  test('a service token of Access goes to ClickHouse, and to nobody else', async () => {
    const token = { CLICKHOUSE_ACCESS_ID: 'id.access', CLICKHOUSE_ACCESS_SECRET: secrets.password }
    await call('/api/query/rules', { env: token })
    expect(network.asked.map((a) => [a.url.hostname, a.headers.get('CF-Access-Client-Id'), a.headers.get('CF-Access-Client-Secret')])).toEqual([[host, 'id.access', secrets.password]])
    await call('/api/query/rules')
    expect(network.asked[1]!.headers.has('CF-Access-Client-Id')).toBe(false)
  })

  test.each([[{ CLICKHOUSE_ACCESS_ID: 'id.access' }, 'SECRET'], [{ CLICKHOUSE_ACCESS_SECRET: secrets.password }, 'ID']])('half a service token is none: %j', async (half, lacks) => {
    const answer = await call('/api/query/rules', { env: half })
    expect(verdict(answer)).toEqual([502, 'not_configured'])
    expect(answer.json.error.message).toBe(`The server's setting CLICKHOUSE_ACCESS_${lacks} is missing or wrong.`)
  })

  test('ACCESS_TEAM with a slash at its end', () => {
    expect(configure({ ...env, ACCESS_TEAM: 'https://acme.cloudflareaccess.com/' }).issuer).toBe('https://acme.cloudflareaccess.com')
  })

  test.each([['a', ['a']], ['a,b', ['a', 'b']], [' a , b ,', ['a', 'b']]])('ACCESS_AUD=%j', (value, want) => {
    expect(configure({ ...env, ACCESS_AUD: value }).audiences).toEqual(want)
  })

  test('ACCESS_AUD with ours among several lets in', async () => {
    expect((await call('/api/me', { env: { ACCESS_AUD: `x, ${audience}` } })).status).toBe(200)
    expect((await call('/api/me', { env: { ACCESS_AUD: `x${audience}` } })).status).toBe(401)
  })
})
