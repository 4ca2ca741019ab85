// Tokens as Cloudflare Access signs them, and wrong ones.

export const issuer = 'https://polo-test.cloudflareaccess.com'
export const audience = '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2'
export const email = 'ann@example.com'

export type Claims = Record<string, unknown>

/** A person's claims at a time, in seconds since 1970. */
export function person(now: number, over: Claims = {}): Claims {
  return {
    aud: [audience], email, exp: now + 3600, iat: now - 60, nbf: now - 60, iss: issuer, type: 'app', sub: '7335d417-61da-459d-899c-0a01c76a2f94',
    identity_nonce: '6ei69kawdKzMIAPF', country: 'DE', ...over,
  }
}

/** A service token's claims: no nbf, and nobody as sub and email. */
export function service(now: number, over: Claims = {}): Claims {
  return { type: 'app', aud: [audience], exp: now + 3600, iat: now - 60, iss: issuer, common_name: 'e367826f93b8d71185e03fe518aff3b4.access', sub: '', email: '', ...over }
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

interface Jwk {
  kid?: string
  kty?: string
  alg?: string
  use?: string
  n?: string
  e?: string
}

type Key = Parameters<typeof crypto.subtle.sign>[1]
type Pair = { publicKey: Key; privateKey: Key }

/** A key pair of Access. */
export interface Signer {
  kid: string
  /** The public half as the certs endpoint tells it. */
  jwk: Jwk & { kid: string }
  token(claims: Claims, head?: Record<string, unknown>): Promise<string>
}

export async function signer(kid: string): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey({ ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify'])) as Pair
  const { n, e } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as Jwk
  return {
    kid,
    jwk: { kid, kty: 'RSA', alg: 'RS256', use: 'sig', n, e },
    async token(claims, head = {}) {
      const signed = `${part({ alg: 'RS256', kid, typ: 'JWT', ...head })}.${part(claims)}`
      return `${signed}.${base64url(await crypto.subtle.sign(algorithm, pair.privateKey, utf8(signed)))}`
    },
  }
}

/** A token that is signed by HMAC with a text that an attacker knows: the public key. */
export async function hmacToken(secret: string, kid: string, claims: Claims): Promise<string> {
  const key = await crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = `${part({ alg: 'HS256', kid, typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${base64url(await crypto.subtle.sign('HMAC', key, utf8(signed)))}`
}

/** A part of a token. */
export const part = (value: unknown): string => base64url(utf8(JSON.stringify(value)))

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>

export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  const binary = Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
