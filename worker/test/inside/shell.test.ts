// What is not below /api/ is the application's page for everybody, and tells no data.
import { describe, expect, test, vi } from 'vitest'
import type { Env } from '../../src/env'
import worker from '../../src/index'
import { person } from '../fakes/tokens'
import { env, key, logged, network, seconds } from '../fakes/worker'

const addresses = ['/', '/cost', '/index.html', '/api', '/apis/me', '/API/me', '//api/me', '/%61pi/me', '/cost/api/me', '/query/rules']

/** The application's files, and what was asked of them. */
function assets() {
  const asked: Request[] = []
  const fetch = vi.fn(async (input: RequestInfo | URL, init?: RequestInit) => {
    asked.push(new Request(input as string, init))
    return new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } })
  })
  return { asked, binding: { fetch } as unknown as NonNullable<Env['ASSETS']> }
}

const call = async (path: string, over: Partial<Env>, headers: Record<string, string> = {}) => worker.fetch(new Request(`https://polo.example.com${path}`, { headers }) as never, { ...env, ...over } as Env)

describe('an address outside of the API', () => {
  test.each(addresses)('is the page, which knows nothing of the caller: %s', async (path) => {
    const { asked, binding } = assets()
    const answer = await call(`${path}?a=b`, { ASSETS: binding }, { 'Cf-Access-Jwt-Assertion': await key.token(person(seconds())), Cookie: 'a=b' })
    expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html>'])
    expect(asked.map((r) => [r.url, [...r.headers.keys()]])).toEqual([['https://polo.example.com/', []]])
    expect([network.asked, network.certsAsked, logged]).toEqual([[], 0, []])
  })

  test.each(addresses)('is none without files: %s', async (path) => {
    const answer = await call(path, {})
    expect([answer.status, answer.headers.get('Cache-Control'), answer.headers.get('X-Content-Type-Options')]).toEqual([404, 'no-store', 'nosniff'])
    expect([network.asked, network.certsAsked]).toEqual([[], 0])
  })

  test('that names a missing file is none, and not the page', async () => {
    const { asked, binding } = assets()
    const answer = await call('/_app/old-1234.js', { ASSETS: binding })
    expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([404, 'no-store'])
    expect(asked).toEqual([])
  })

  test('needs no settings', async () => {
    const { binding } = assets()
    expect((await call('/', { ASSETS: binding, CLICKHOUSE_URL: '', ACCESS_TEAM: '' })).status).toBe(200)
  })
})

test.each(['/api/me', '/api/', '/api/none', '/x/../api/me'])('the API is no page: %s', async (path) => {
  const { asked, binding } = assets()
  expect((await call(path, { ASSETS: binding })).status).toBe(401)
  expect(asked).toEqual([])
})
