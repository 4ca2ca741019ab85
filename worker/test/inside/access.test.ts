// Who is let in: the token alone says, and only one that Access signed for this application.
import { describe, expect, test } from 'vitest'
import { Access } from '../../src/access'
import { configure } from '../../src/env'
import { Problem } from '../../src/errors'
import { audience, base64url, email, hmacToken, issuer, part, person, service, signer, utf8 } from '../fakes/tokens'
import { call, env, key, network, seconds, verdict } from '../fakes/worker'

const config = configure(env)
const other = await signer('key-2')
const now = 1_790_000_000 // seconds; the clock of these tests
const header = 'Cf-Access-Jwt-Assertion'

/** A verifier whose clock stands until it is moved. */
function verifier() {
  let clock = now * 1000
  const access = new Access(() => clock)
  const asking = (token: string) => access.verify(new Request('https://polo.example.com/api/me', { headers: { [header]: token } }), config)
  return {
    pass: (ms: number) => void (clock += ms),
    verify: asking,
    /** The code of the Problem, or who it is. */
    async outcome(token: string): Promise<string> {
      try {
        const who = await asking(token)
        return who.email ?? who.service ?? 'nobody'
      } catch (e) {
        if (e instanceof Problem) return e.code
        throw e
      }
    },
  }
}

describe('a token', () => {
  const p = (over = {}) => person(now, over)
  const without = (name: string) => Object.fromEntries(Object.entries(p()).filter(([n]) => n !== name))
  const cases: [string, string, Promise<string> | string][] = [
    ['of a person', email, key.token(p())],
    ['of a service: no nbf, empty sub and email', 'e367826f93b8d71185e03fe518aff3b4.access', key.token(service(now))],
    ['for several audiences, ours among them', email, key.token(p({ aud: ['x', audience] }))],
    ['whose audience is a text', email, key.token(p({ aud: audience }))],
    ['for another audience', 'unauthenticated', key.token(p({ aud: ['x', 'y'] }))],
    ['for a part of ours', 'unauthenticated', key.token(p({ aud: [audience.slice(0, 10)] }))],
    ['for an audience within a list within a list', 'unauthenticated', key.token(p({ aud: [[audience]] }))],
    ['without an audience', 'unauthenticated', key.token(without('aud'))],
    ['with no audiences', 'unauthenticated', key.token(p({ aud: [] }))],
    ['of another team', 'unauthenticated', key.token(p({ iss: 'https://evil.cloudflareaccess.com' }))],
    ['of a team whose name begins as ours', 'unauthenticated', key.token(p({ iss: `${issuer}.evil.example` }))],
    ['of ours with a slash', 'unauthenticated', key.token(p({ iss: `${issuer}/` }))],
    ['without an issuer', 'unauthenticated', key.token(without('iss'))],
    ['that expired', 'unauthenticated', key.token(p({ exp: now - 3600 }))],
    ['that expired within the skew', email, key.token(p({ exp: now - 29 }))],
    ['that expired beyond the skew', 'unauthenticated', key.token(p({ exp: now - 30 }))],
    ['without an expiry', 'unauthenticated', key.token(without('exp'))],
    ['whose expiry is a text', 'unauthenticated', key.token(p({ exp: String(now + 3600) }))],
    ['not valid yet, within the skew', email, key.token(p({ nbf: now + 30 }))],
    ['not valid yet', 'unauthenticated', key.token(p({ nbf: now + 31 }))],
    ['issued in the future, within the skew', email, key.token(p({ iat: now + 30 }))],
    ['issued in the future', 'unauthenticated', key.token(p({ iat: now + 31 }))],
    ['whose nbf is a text', 'unauthenticated', key.token(p({ nbf: '0' }))],
    ['of the type org: that of the team, not of an application', 'unauthenticated', key.token(p({ type: 'org' }))],
    ['without a type', 'unauthenticated', key.token(without('type'))],
    ['that names nobody', 'unauthenticated', key.token(without('email'))],
    ['whose email is no text', 'unauthenticated', key.token(p({ email: { toString: 'ann' } }))],
    ['that names an extension as critical', 'unauthenticated', key.token(p(), { crit: ['exp'] })],
    ['of alg none, unsigned', 'unauthenticated', `${part({ alg: 'none', kid: key.kid })}.${part(p())}.`],
    ['of alg None', 'unauthenticated', `${part({ alg: 'None', kid: key.kid })}.${part(p())}.`],
    ['of RS256, unsigned', 'unauthenticated', `${part({ alg: 'RS256', kid: key.kid })}.${part(p())}.`],
    ['of HS256, signed with the public key', 'unauthenticated', hmacToken(JSON.stringify(key.jwk), key.kid, p())],
    ['of HS256, signed with the modulus', 'unauthenticated', hmacToken(key.jwk.n!, key.kid, p())],
    ['of another key under a known id', 'unauthenticated', other.token(p(), { kid: key.kid })],
    ['of an unknown key', 'unauthenticated', other.token(p())],
    ['of a key that it brings', 'unauthenticated', other.token(p(), { kid: undefined, jwk: other.jwk })],
    ['without a key id', 'unauthenticated', key.token(p(), { kid: undefined })],
    ['whose key id is a list', 'unauthenticated', key.token(p(), { kid: [key.kid] })],
    ['whose key id is __proto__', 'unauthenticated', key.token(p(), { kid: '__proto__' })],
    ['of PS256', 'unauthenticated', key.token(p(), { alg: 'PS256' })],
    ['that is empty', 'unauthenticated', ''],
    ['of dots', 'unauthenticated', '..'],
    ['of two parts', 'unauthenticated', key.token(p()).then((t) => t.split('.').slice(0, 2).join('.'))],
    ['of four parts', 'unauthenticated', key.token(p()).then((t) => `${t}.x`)],
    ['with padding', 'unauthenticated', key.token(p()).then((t) => `${t}==`)],
    ['with a space within', 'unauthenticated', key.token(p()).then((t) => t.replace('.', ' .'))],
    ['with a signature cut short', 'unauthenticated', key.token(p()).then((t) => t.slice(0, -4))],
    ['with a signature of one letter, which is no base64', 'unauthenticated', `${part({ alg: 'RS256', kid: key.kid })}.${part(p())}.A`],
    ['with a head of one letter', 'unauthenticated', `A.${part(p())}.AAAA`],
    ['with a head that is a list', 'unauthenticated', `${part([])}.${part(p())}.AAAA`],
    ['with a head that is null', 'unauthenticated', `${part(null)}.${part(p())}.AAAA`],
    ['with a head that is no UTF-8', 'unauthenticated', `${base64url(new Uint8Array([0xff, 0xfe]))}.${part(p())}.AAAA`],
    ['with a body that was changed', 'unauthenticated', key.token(p()).then((t) => `${t.split('.')[0]}.${part(p({ email: 'eve@example.com' }))}.${t.split('.')[2]}`)],
    ['that is longer than 16,384 characters', 'unauthenticated', key.token(p({ junk: 'x'.repeat(16_384) }))],
    ['given twice', 'unauthenticated', key.token(p()).then((t) => `${t}, ${t}`)],
  ]
  test.each(cases)('%s: %s', async (_, want, token) => {
    expect(await verifier().outcome(await token)).toBe(want)
  })

  test('that is signed is judged by its body only: an untrusted body is not read', async () => {
    const signed = `${part({ alg: 'RS256', kid: key.kid })}.${base64url(utf8('no JSON'))}`
    expect(await verifier().outcome(`${signed}.AAAA`)).toBe('unauthenticated')
  })

  test('says until when the session lasts', async () => {
    expect(await verifier().verify(await key.token(person(now)))).toEqual({ email, service: null, expires: now + 3600 })
  })
})

describe('keys', () => {
  const token = () => key.token(person(now, { exp: now + 86_400 }))

  test('are fetched once for many requests, also at the same time', async () => {
    const v = verifier()
    const t = await token()
    expect(await Promise.all([1, 2, 3, 4].map(() => v.outcome(t)))).toEqual([email, email, email, email])
    v.pass(59 * 60_000)
    expect(await v.outcome(t)).toBe(email)
    expect(network.certsAsked).toBe(1)
  })

  test('are fetched again after an hour', async () => {
    const v = verifier()
    const t = await token()
    await v.outcome(t)
    v.pass(3_600_000)
    expect(await v.outcome(t)).toBe(email)
    expect(network.certsAsked).toBe(2)
  })

  test('are fetched for an unknown id at most once a minute', async () => {
    const v = verifier()
    const unknown = await other.token(person(now))
    await v.outcome(await token())
    for (let i = 0; i < 5; i++) expect(await v.outcome(unknown)).toBe('unauthenticated')
    expect(network.certsAsked).toBe(1)
    v.pass(59_999)
    await v.outcome(unknown)
    expect(network.certsAsked).toBe(1)
    v.pass(1)
    for (let i = 0; i < 5; i++) await v.outcome(unknown)
    expect(network.certsAsked).toBe(2)
  })

  test('that are new are accepted after one fetch, and those taken away no longer', async () => {
    const v = verifier()
    expect(await v.outcome(await token())).toBe(email)
    network.certs = () => Response.json({ keys: [other.jwk] })
    v.pass(60_000)
    expect(await v.outcome(await other.token(person(now)))).toBe(email)
    expect(network.certsAsked).toBe(2)
    expect(await v.outcome(await token())).toBe('unauthenticated')
  })

  const broken: [string, () => Response | Promise<Response>][] = [
    ['is down', () => Promise.reject(new TypeError('connection refused'))],
    ['errs', () => new Response('oops', { status: 500 })],
    ['redirects', () => new Response(null, { status: 302, headers: { Location: 'https://evil.example/certs' } })],
    ['answers HTML', () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } })],
    ['answers null', () => Response.json(null)],
    ['answers no keys', () => Response.json({ keys: [] })],
    ['answers keys of another shape', () => Response.json({ keys: { a: 1 } })],
    ['answers a key of null', () => Response.json({ keys: [null] })],
    ['answers keys of other algorithms', () => Response.json({ keys: [{ kid: 'a', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }, { kid: 'b', kty: 'oct', k: 'AAAA' }, { ...key.jwk, alg: 'RS512' }, { ...key.jwk, use: 'enc' }] })],
    ['answers a key that is none', () => Response.json({ keys: [{ ...key.jwk, n: '!!', e: '' }] })],
  ]
  test.each(broken)('whose source %s: the cached ones hold, and without any the answer is 503', async (_, certs) => {
    network.certs = certs
    const cold = verifier()
    expect(await cold.outcome(await token())).toBe('unavailable')
    const v = verifier()
    network.certs = () => Response.json({ keys: [key.jwk] })
    expect(await v.outcome(await token())).toBe(email)
    network.certs = certs
    v.pass(2 * 3_600_000)
    expect(await v.outcome(await token())).toBe(email)
    expect(await v.outcome(await other.token(person(now + 7200)))).toBe('unauthenticated')
  })

  test('one of which is junk: the others hold', async () => {
    network.certs = () => Response.json({ keys: [null, { ...key.jwk, kid: 'junk', n: '!!' }, key.jwk] })
    expect(await verifier().outcome(await token())).toBe(email)
  })

  test('that could not be had are asked for again after a second, not sooner', async () => {
    const v = verifier()
    network.certs = () => new Response(null, { status: 503 })
    for (let i = 0; i < 5; i++) expect(await v.outcome(await token())).toBe('unavailable')
    expect(network.certsAsked).toBe(1)
    network.certs = () => Response.json({ keys: [key.jwk] })
    v.pass(1_000)
    expect(await v.outcome(await token())).toBe(email)
  })

  test('that come slowly: a known key waits for nothing', async () => {
    const v = verifier()
    const t = await token()
    await v.outcome(t)
    v.pass(60_000)
    let arrive = (_: Response) => {}
    network.certs = () => new Promise((done) => { arrive = done })
    const waiting = v.outcome(await other.token(person(now)))
    expect(await v.outcome(t)).toBe(email)
    arrive(Response.json({ keys: [key.jwk, other.jwk] }))
    expect(await waiting).toBe(email)
  })

  test('are asked of the team alone, without following redirects', async () => {
    network.certs = () => new Response(null, { status: 301, headers: { Location: 'https://evil.example/' } })
    await verifier().outcome(await token())
    expect([...network.hosts]).toEqual([new URL(issuer).host])
  })
})

describe('the door', () => {
  const paths = ['/api/me', '/api/health', '/api/queries', '/api/openapi.json', '/api/query/cost_by_dimension', '/api/query/none', '/api/', '/api/unknown', '/api/../api/me', '/x/../api/me', '/api//me', '/api/query/a/b']
  test.each(paths)('is shut without a token: %s', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) expect((await call(path, { token: null, method })).status, method).toBe(401)
    expect(network.asked).toEqual([])
  })

  test.each([
    ['a cookie', 'Cookie', (t: string) => `CF_Authorization=${t}`],
    ['a bearer token', 'Authorization', (t: string) => `Bearer ${t}`],
    ['the header of the user alone', 'Cf-Access-Authenticated-User-Email', () => email],
    ['another header', 'X-Cf-Access-Jwt-Assertion', (t: string) => t],
  ])('is shut for %s', async (_, name, value) => {
    expect(verdict(await call('/api/me', { token: null, headers: { [name]: value(await key.token(person(seconds()))) } }))).toEqual([401, 'unauthenticated'])
  })

  test('says nothing of why a token is refused, but logs it', async () => {
    const refused = await Promise.all([call('/api/me', { token: null }), call('/api/me', { token: 'a.b.c' }), call('/api/me', { token: await key.token(person(seconds(), { aud: 'x' })) })])
    expect(new Set(refused.map((r) => r.json.error.message)).size).toBe(1)
  })

  test('knows each caller for themselves', async () => {
    const t = await Promise.all(['a@example.com', 'b@example.com', 'c@example.com'].map((e) => key.token(person(seconds(), { email: e }))))
    const answers = await Promise.all([t[0], t[1], t[2], t[1], t[0], 'x.y.z', t[2]].map((token) => call('/api/me', { token: token! })))
    expect(answers.map((a) => a.json.email)).toEqual(['a@example.com', 'b@example.com', 'c@example.com', 'b@example.com', 'a@example.com', undefined, 'c@example.com'])
  })

  test('tells a person and a service who they are', async () => {
    const exp = seconds() + 600
    const expires = new Date(exp * 1000).toISOString()
    const ann = await call('/api/me', { token: await key.token(person(seconds(), { exp })) })
    expect([ann.status, ann.json, ann.headers.get('Cache-Control')]).toEqual([200, { email, name: null, service: false, expires }, 'no-store'])
    const robot = await call('/api/me', { token: await key.token(service(seconds(), { exp })) })
    expect(robot.json).toEqual({ email: null, name: 'e367826f93b8d71185e03fe518aff3b4.access', service: true, expires })
  })
})
