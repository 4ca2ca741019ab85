import { Access, type Identity } from './access'
import { queryID } from './cancel'
import { ask, cutOff, rows } from './clickhouse'
import { type Config, configure, type Env } from './env'
import { brokenOff, Problem } from './errors'
import { formatOf, json, mediaTypes, stream } from './formats'
import { openapi } from './openapi'
import { bind } from './params'
import { all, described, named, type Query } from './queries'
import { values } from './values'

const access = new Access()

/** What every answer says to browsers. */
const guards = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
}

export default {
  /** Verify, route, respond. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/api/')) return shell(request, pathname, env)
    const requestID = crypto.randomUUID()
    let answer: Response
    try {
      const config = configure(env)
      const who = await access.verify(request, config)
      answer = await route(request, config, who, requestID)
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem('internal', 'The server failed.', { detail: e instanceof Error ? e.stack : String(e) })
      log(request, requestID, problem)
      answer = problem.response(requestID)
    }
    for (const [name, value] of Object.entries({ ...guards, 'Polo-Request-Id': requestID })) answer.headers.set(name, value)
    if (request.method !== 'HEAD') return answer
    await answer.body?.cancel() // ends the query of an export
    return new Response(null, answer)
  },
} satisfies ExportedHandler<Env>

/**
 * Answers what is no file of the application: an address of it is its page, which holds no data. A file that is missing
 * is one of another version, and a browser would keep a page in its place for a year.
 */
async function shell(request: Request, pathname: string, env: Env): Promise<Response> {
  if (!pathname.startsWith('/_app/') && env.ASSETS) return env.ASSETS.fetch(new URL('/', request.url), { method: request.method })
  return new Response('There is nothing at this address.\n', { status: 404, headers: { ...guards, 'Cache-Control': 'no-store' } })
}

async function route(request: Request, config: Config, who: Identity, requestID: string): Promise<Response> {
  const { pathname, origin } = new URL(request.url)
  const [, query] = /^\/api\/query\/([^/]*)$/.exec(pathname) ?? []
  if (!['GET', 'HEAD', ...(query === undefined ? [] : ['POST'])].includes(request.method)) {
    throw new Problem('method_not_allowed', 'The method is not one of this address.', { headers: { Allow: query === undefined ? 'GET, HEAD' : 'GET, HEAD, POST' } })
  }
  if (query !== undefined) return answer(named(query), request, config, who, requestID)
  switch (pathname) {
    case '/api/queries':
      return kept({ queries: all.map(described) }, 300)
    case '/api/openapi.json':
      return kept(openapi(origin), 300)
    case '/api/me':
      return kept({ email: who.email, name: who.service, service: who.service !== null, expires: new Date(who.expires * 1000).toISOString() }, 0)
    case '/api/health':
      return health(request, config, requestID)
  }
  throw new Problem('not_found', 'There is nothing at this address.')
}

/** Answers a named query. */
async function answer(query: Query, request: Request, config: Config, who: Identity, requestID: string): Promise<Response> {
  const { given, format: asked } = await values(request)
  const format = formatOf(request, asked)
  const bound = bind(query, given, new Date())
  const id = await queryID(request, who, requestID)
  const headers = new Headers({ 'Content-Type': mediaTypes[format], 'Cache-Control': request.method === 'GET' ? `private, max-age=${query.cache}` : 'no-store', Vary: 'Accept' })
  if (format === 'json') {
    const { body, truncated } = json(bound, await rows(config, bound, { queryID: id, signal: request.signal }), requestID)
    headers.set('Polo-Truncated', String(truncated))
    return new Response(body, { headers })
  }
  const got = await ask(config, bound, { queryID: id, format: format === 'csv' ? 'JSONCompactEachRow' : 'JSONEachRow', whole: false, signal: request.signal })
  headers.set('Cache-Control', 'no-store') // whether it is whole is known at its end alone
  headers.set('Content-Disposition', `attachment; filename="${query.name}.${format}"`)
  return new Response(stream(format, bound, got.body!, (e) => log(request, requestID, cutOff(e, config, request.signal))), { headers })
}

/** Whether ClickHouse answers, and when the newest row came into it: no other data. */
async function health(request: Request, config: Config, requestID: string): Promise<Response> {
  const bound = bind(named('health_freshness'), new Map(), new Date())
  const sources = await rows(config, bound, { queryID: `polo-${requestID}`, signal: request.signal })
  let newest: string | null
  try {
    newest = sources.map((row) => (JSON.parse(row) as { last_inserted: string | null }).last_inserted).filter((t) => t !== null).sort().at(-1) ?? null
  } catch {
    throw brokenOff() // the error would tell a part of the row
  }
  const lag = newest === null ? null : Math.max(0, Math.round((Date.now() - Date.parse(`${newest.replace(' ', 'T')}Z`)) / 1000))
  return kept({ status: 'ok', newest, lag_seconds: lag }, 0)
}

function kept(body: unknown, seconds: number): Response {
  return Response.json(body, { headers: { 'Cache-Control': seconds > 0 ? `private, max-age=${seconds}` : 'no-store' } })
}

/** Logs what went wrong: no value of a parameter, no token, no SQL. */
function log(request: Request, requestID: string, problem: Problem) {
  const { pathname } = new URL(request.url)
  console.log(JSON.stringify({ request_id: requestID, method: request.method, path: pathname.slice(0, 200), status: problem.status, code: problem.code, detail: problem.more.detail }))
}
