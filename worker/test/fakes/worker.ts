// Calls the Worker in this isolate, with a fake Access and a fake ClickHouse in place of the network.
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Env } from '../../src/env'
import worker from '../../src/index'
import { expectNoLeak, secrets } from './leaks'
import { audience, issuer, person, signer } from './tokens'

export const env: Env = { CLICKHOUSE_URL: `https://${secrets.host}:8443`, CLICKHOUSE_USER: secrets.user, CLICKHOUSE_PASSWORD: secrets.password, ACCESS_TEAM: issuer, ACCESS_AUD: audience }

export const key = await signer('key-1')

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** A request that reached the fake ClickHouse. */
export interface Asked {
  url: URL
  method: string
  headers: Headers
  body: string
  init: RequestInit
}

/** What the network does; a test sets it, and it is as it was for the next. */
export const network = {
  clickhouse: (_: Asked): Response | Promise<Response> => rows(),
  certs: (): Response | Promise<Response> => Response.json({ keys: [key.jwk], public_certs: [] }),
  asked: [] as Asked[],
  /** Requests for keys. */
  certsAsked: 0,
  /** Every host that a request went to. */
  hosts: new Set<string>(),
}

/** What was logged. */
export const logged: string[] = []

const quiet = { ...network }

beforeEach(() => {
  Object.assign(network, quiet, { asked: [], certsAsked: 0, hosts: new Set() })
  logged.length = 0
  for (const level of ['log', 'warn', 'error', 'info', 'debug'] as const) vi.spyOn(console, level).mockImplementation((...said: unknown[]) => void logged.push(said.map(String).join(' ')))
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input))
    network.hosts.add(url.host)
    const left = new Promise<never>((_, reject) => {
      const signal = init.signal
      if (signal?.aborted) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
    left.catch(() => {})
    if (url.origin === issuer && url.pathname === '/cdn-cgi/access/certs') {
      network.certsAsked++
      return Promise.race([network.certs(), left])
    }
    const asked = { url, method: init.method ?? 'GET', headers: new Headers(init.headers), body: String(init.body), init: init as RequestInit }
    network.asked.push(asked)
    return Promise.race([network.clickhouse(asked), left])
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  for (const line of logged) expectNoLeak(line)
})

/** ClickHouse's answer with rows, as its format has them: one a line. */
export function rows(...of: unknown[]): Response {
  return new Response(of.map((r) => `${typeof r === 'string' ? r : JSON.stringify(r)}\n`).join(''), { headers: { 'Content-Type': 'application/x-ndjson; charset=UTF-8' } })
}

/** ClickHouse's refusal. */
export function exception(code: number, status = 500, text = ''): Response {
  return new Response(text, { status, headers: { 'X-ClickHouse-Exception-Code': String(code), 'Content-Type': 'text/plain; charset=UTF-8' } })
}

/** An answer that gives its chunks and then fails, as when a connection breaks. */
export function breaksOff(...chunks: string[]): Response {
  const left = chunks.map((c) => new TextEncoder().encode(c))
  return new Response(new ReadableStream({
    pull(out) {
      const next = left.shift()
      if (next) out.enqueue(next)
      else out.error(new TypeError(`Network connection to ${secrets.host} lost.`))
    },
  }))
}

export interface Answer {
  status: number
  headers: Headers
  /** What arrived before the body ended or failed. */
  text: string
  /** How the body failed. */
  failure: unknown
  // biome-ignore lint: answers are JSON of any shape
  json: any
}

interface Call {
  /** A token; null is none. Without, that of a person. */
  token?: string | null
  method?: string
  headers?: Record<string, string>
  body?: BodyInit
  env?: Partial<Env>
  signal?: AbortSignal
}

let token: Promise<string> | undefined

/** Calls the Worker, and checks what holds for every answer. */
export async function call(path: string, { token: given, method = 'GET', headers = {}, body, env: over, signal }: Call = {}): Promise<Answer> {
  token ??= key.token(person(seconds(), { exp: seconds() + 86_400 }))
  const request = new Request(`https://polo.example.com${path}`, { method, headers, body, signal: signal ?? null })
  if (given !== null) request.headers.set('Cf-Access-Jwt-Assertion', given ?? (await token))
  const before = logged.length
  const response = await worker.fetch(request as never, { ...env, ...over } as Env)
  const { text, failure } = await read(response)
  const answer: Answer = { status: response.status, headers: response.headers, text, failure, json: json(text) }
  expectGuards(answer)
  if (answer.status !== 200 && method !== 'HEAD') expectProblem(answer, logged.slice(before))
  return answer
}

/** Asks a named query with JSON in a body. */
export const post = (query: string, body: unknown, more: Call = {}): Promise<Answer> =>
  call(`/api/query/${query}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...more, headers: { 'Content-Type': 'application/json', ...more.headers } })

/** An answer's status and code. */
export const verdict = ({ status, json }: Answer): [number, string | undefined] => [status, json?.error?.code]

/** The parameters at fault, sorted. */
export const faults = ({ json }: Answer): string[] => (json?.error?.faults ?? []).map((f: { param: string }) => f.param).sort()

async function read(response: Response): Promise<{ text: string; failure: unknown }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (const reader = response.body?.getReader(); reader; ) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
  } catch (failure) {
    return { text, failure }
  }
  return { text, failure: undefined }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every answer says to browsers what they may do with it, and has an id. */
function expectGuards({ headers }: Answer) {
  expect(Object.fromEntries(['X-Content-Type-Options', 'Content-Security-Policy', 'Cross-Origin-Resource-Policy', 'Referrer-Policy'].map((n) => [n, headers.get(n)]))).toEqual({
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
  })
  expect(headers.get('Polo-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
}

/** A refusal has one form, tells no secret, is not kept, and is logged under its id. */
function expectProblem({ text, json, headers, status }: Answer, lines: string[]) {
  const id = headers.get('Polo-Request-Id')
  expect(json).toEqual({ error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String), ...(json?.error?.faults && { faults: json.error.faults }) }, request_id: id })
  expect(headers.get('Cache-Control')).toBe('no-store')
  expect(headers.get('Content-Type')).toBe('application/json')
  expectNoLeak(text)
  const said = lines.map((l) => JSON.parse(l)).filter((l) => l.request_id === id)
  expect(said, 'log lines of this request').toHaveLength(1)
  expect(said[0]).toMatchObject({ status, code: json.error.code })
}
