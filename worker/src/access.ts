import type { Config } from './env'
import { Problem } from './errors'

/** Who calls. */
export interface Identity {
  /** A person's address; null for a service token. */
  email: string | null
  /** A service token's common name; null for a person. */
  service: string | null
  /** When the session ends, in seconds since 1970. */
  expires: number
}

const header = 'Cf-Access-Jwt-Assertion'
const skew = 30 // seconds
const maxToken = 16_384 // characters
const hour = 3_600_000
const minute = 60_000
const patience = 5_000 // for the keys, in ms

interface Keys {
  byID: Map<string, CryptoKey>
  at: number
}

/**
 * Verifies the tokens of Cloudflare Access. One lives as long as the isolate and caches the team's keys: for an hour,
 * fetched anew for an unknown key id at most once a minute, and kept while their source is down.
 *
 * https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 */
export class Access {
  private keys: Keys | undefined
  private tried = -Infinity
  private fetching = -Infinity // since when; a request that is cut off never says that it ended

  constructor(private readonly now: () => number = Date.now) {}

  /** Returns who sent the request; a Problem "unauthenticated" if its token proves nobody. */
  async verify(request: Request, config: Config): Promise<Identity> {
    const token = request.headers.get(header)
    if (!token) throw refuse('there is no token')
    if (token.length > maxToken) throw refuse('the token is too long')
    const parts = token.split('.')
    if (parts.length !== 3) throw refuse('the token has not three parts')
    const [head, body, signature] = parts as [string, string, string]

    const said = object(head)
    // The algorithm is ours to choose: a token that names another is not tried.
    if (said.alg !== 'RS256' || 'crit' in said) throw refuse('the algorithm is not RS256')
    if (typeof said.kid !== 'string') throw refuse('the token names no key')
    const key = await this.key(said.kid, config.issuer)
    if (!key) throw refuse('the key is unknown')
    const signed = new TextEncoder().encode(`${head}.${body}`)
    if (!(await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, bytes(signature), signed))) throw refuse('the signature is wrong')
    return this.claims(object(body), config)
  }

  private claims(c: Record<string, unknown>, config: Config): Identity {
    const now = this.now() / 1000
    const audiences = Array.isArray(c.aud) ? c.aud : [c.aud]
    if (c.iss !== config.issuer) throw refuse('the issuer is another')
    if (!audiences.some((a) => typeof a === 'string' && config.audiences.includes(a))) throw refuse('the audience is another')
    if (typeof c.exp !== 'number' || !(c.exp > now - skew)) throw refuse('the token has expired')
    for (const from of [c.nbf, c.iat]) {
      if (from !== undefined && (typeof from !== 'number' || !(from <= now + skew))) throw refuse('the token is of the future')
    }
    if (c.type !== 'app') throw refuse('the token is not one of an application')
    const email = typeof c.email === 'string' && c.email !== '' ? c.email : null
    const service = !email && typeof c.common_name === 'string' && c.common_name !== '' ? c.common_name : null
    if (!email && !service) throw refuse('the token names nobody')
    return { email, service, expires: c.exp }
  }

  /** Returns a key of the issuer's, or undefined. */
  private async key(id: string, issuer: string): Promise<CryptoKey | undefined> {
    // A request may not wait for another's fetch, only look whether it has ended.
    while (this.now() - this.fetching < patience && !this.keys?.byID.has(id)) await new Promise((done) => setTimeout(done, 20))
    const fresh = this.keys !== undefined && this.now() - this.keys.at < hour
    const known = this.keys?.byID.get(id)
    if (fresh && known) return known
    if (this.now() - this.tried >= (this.keys ? minute : 1_000)) {
      this.tried = this.fetching = this.now()
      try {
        this.keys = { byID: await fetchKeys(issuer), at: this.now() }
      } catch (e) {
        console.warn(JSON.stringify({ message: 'the keys of Access cannot be fetched', error: String(e) }))
      } finally {
        this.fetching = -Infinity
      }
    }
    if (!this.keys) throw new Problem('unavailable', 'The keys that sessions are checked with cannot be had at present.', { headers: { 'Retry-After': '5' } })
    return this.keys.byID.get(id)
  }
}

async function fetchKeys(issuer: string): Promise<Map<string, CryptoKey>> {
  const answer = await fetch(`${issuer}/cdn-cgi/access/certs`, { redirect: 'manual', signal: AbortSignal.timeout(patience) })
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  const { keys } = (await answer.json()) as { keys?: ((JsonWebKey & { kid?: string }) | null)[] }
  const byID = new Map<string, CryptoKey>()
  for (const k of keys ?? []) {
    if (k?.kty !== 'RSA' || !k.kid || (k.alg ?? 'RS256') !== 'RS256' || (k.use ?? 'sig') !== 'sig') continue
    const jwk = { kty: 'RSA', alg: 'RS256', n: k.n, e: k.e }
    try {
      byID.set(k.kid, await crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify']))
    } catch {
      // One that is no key takes no other away.
    }
  }
  if (byID.size === 0) throw new Error('no key of RS256')
  return byID
}

function refuse(detail: string): Problem {
  return new Problem('unauthenticated', 'The session is over, or none began: sign in.', { detail })
}

function object(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes(part)))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw refuse('a part of the token is no JSON object')
}

/** Decodes base64url without padding. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw refuse('a part of the token is no base64url')
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (c) => c.charCodeAt(0))
}
