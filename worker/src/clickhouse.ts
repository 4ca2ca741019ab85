import type { Config } from './env'
import { brokenOff, type Code, Problem } from './errors'
import type { Bound } from './params'
import type { Query } from './queries'

/** How an answer is asked for. */
export interface Asked {
  queryID: string
  /** One row a line. */
  format: 'JSONEachRow' | 'JSONCompactEachRow'
  /**
   * Whether ClickHouse sends nothing before the query has ended, so that a failure is never a part of an answer.
   * Without, the answer streams.
   */
  whole: boolean
  /** Ends the query if the client leaves. */
  signal: AbortSignal
}

/** How long ClickHouse may be silent, in ms: longer than a query may take by the account's profile. */
const patience = 30_000

/**
 * Sends a query. The URL is made of what stands here alone: no parameter of a request is a setting of ClickHouse.
 * What fails is a Problem; its detail is ClickHouse's code, never its text, which names tables and values.
 */
export async function ask(config: Config, { sql, parameters }: Bound, { queryID, format, whole, signal }: Asked): Promise<Response> {
  const url = new URL('/', config.clickhouse)
  url.searchParams.set('query_id', queryID)
  url.searchParams.set('default_format', format)
  url.searchParams.set('wait_end_of_query', whole ? '1' : '0')
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(`param_${name}`, value)
  const silence = new Silence()
  let answer: Response
  try {
    answer = await fetch(url, {
      method: 'POST',
      body: sql,
      headers: { ...config.credentials, 'Content-Type': 'text/plain; charset=utf-8' },
      redirect: 'manual', // the account goes to no other host
      signal: AbortSignal.any([signal, silence.signal]),
    })
  } catch (e) {
    silence.over()
    throw ended(e, signal) ?? new Problem('unavailable', 'ClickHouse cannot be reached.', { detail: hushed(e, config), headers: { 'Retry-After': '5' } })
  }
  const code = answer.headers.get('X-ClickHouse-Exception-Code')
  if (answer.status === 200 && code === null && answer.body) return new Response(answer.body.pipeThrough(silence.heard()), answer)
  silence.over()
  await answer.body?.cancel()
  throw code === null ? ofStatus(answer.status) : ofCode(Number(code))
}

/** Ends a request whose answer stands still. A long answer over a slow line does not. */
class Silence {
  private readonly controller = new AbortController()
  private timer = this.wait()

  readonly signal = this.controller.signal

  private wait() {
    return setTimeout(() => this.controller.abort(new DOMException('ClickHouse is silent', 'TimeoutError')), patience)
  }

  /** Passes chunks on, each of which begins the wait anew. */
  heard(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, out) => {
        clearTimeout(this.timer)
        this.timer = this.wait()
        out.enqueue(chunk)
      },
      flush: () => this.over(),
      cancel: () => this.over(),
    })
  }

  over() {
    clearTimeout(this.timer)
  }
}

/** Asks for a whole answer, and returns its rows: each JSON as ClickHouse wrote it. */
export async function rows(config: Config, bound: Bound, { queryID, signal }: Pick<Asked, 'queryID' | 'signal'>): Promise<string[]> {
  const answer = await ask(config, bound, { queryID, format: 'JSONEachRow', whole: true, signal })
  let bytes: ArrayBuffer
  try {
    bytes = await answer.arrayBuffer()
  } catch (e) {
    throw cutOff(e, config, signal)
  }
  const lines = new TextDecoder().decode(bytes).split('\n')
  if (lines.pop() !== '' || !lines.every(isRow(bound.query))) throw brokenOff()
  return lines
}

/**
 * Returns what tells the rows of JSONEachRow. ClickHouse may fail after it began to answer, and says so amid the rows
 * as text or as JSON.
 */
export function isRow(query: Query): (line: string) => boolean {
  const start = `{${JSON.stringify(query.columns[0]!.name)}:`
  return (line) => line.startsWith(start) && line.endsWith('}')
}

/** What it means that the body of an answer fails. */
export function cutOff(e: unknown, config: Config, signal: AbortSignal): Problem {
  return e instanceof Problem ? e : (ended(e, signal) ?? brokenOff(hushed(e, config)))
}

/** What it means that the Worker itself ended a request, if it did. */
function ended(e: unknown, signal: AbortSignal): Problem | undefined {
  if (signal.aborted) return new Problem('replaced', 'The request was given up.')
  if (e instanceof Error && e.name === 'TimeoutError') return new Problem('too_slow', 'ClickHouse did not answer in time.')
  return undefined
}

/** An error's text for the log, without what only the Worker may know. */
function hushed(e: unknown, { clickhouse, credentials }: Config): string {
  return [clickhouse.host, clickhouse.hostname, ...Object.values(credentials)].reduce((text, secret) => text.replaceAll(secret, '***'), String(e))
}

/** What a status without a code of ClickHouse's means: it comes from something before it. */
function ofStatus(status: number): Problem {
  const detail = `status ${status}`
  if (status === 413 || status === 414 || status === 431) return new Problem('too_large', 'The values of the parameters are too long together.', { detail })
  if (status === 429 || status >= 500) return new Problem('unavailable', 'ClickHouse cannot be reached.', { detail, headers: { 'Retry-After': '5' } })
  return new Problem('not_configured', 'What answers in place of ClickHouse is something else.', { detail })
}

const tooLarge = 'The question reads or answers too much: narrow it, or lower its limit.'
const busy = 'Too many questions at once: try again in a moment.'
const setUp = "ClickHouse does not know the server's account or tables."

/** What ClickHouse's error codes mean: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp. */
const meanings: Record<number, [Code, string]> = {
  36: ['bad_parameter', 'A value of a parameter cannot be used.'], // BAD_ARGUMENTS
  457: ['bad_parameter', 'A value of a parameter cannot be used.'], // BAD_QUERY_PARAMETER
  158: ['too_large', tooLarge], // TOO_MANY_ROWS
  241: ['too_large', tooLarge], // MEMORY_LIMIT_EXCEEDED
  307: ['too_large', tooLarge], // TOO_MANY_BYTES
  396: ['too_large', tooLarge], // TOO_MANY_ROWS_OR_BYTES
  201: ['busy', busy], // QUOTA_EXCEEDED
  202: ['busy', busy], // TOO_MANY_SIMULTANEOUS_QUERIES
  216: ['busy', busy], // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
  159: ['too_slow', 'The question took too long: narrow it.'], // TIMEOUT_EXCEEDED
  160: ['too_slow', 'The question would take too long: narrow it.'], // TOO_SLOW
  394: ['replaced', 'A newer request took its place.'], // QUERY_WAS_CANCELLED
  734: ['replaced', 'The request was given up.'], // QUERY_WAS_CANCELLED_BY_CLIENT
  60: ['not_configured', setUp], // UNKNOWN_TABLE
  81: ['not_configured', setUp], // UNKNOWN_DATABASE
  47: ['not_configured', setUp], // UNKNOWN_IDENTIFIER
  164: ['not_configured', setUp], // READONLY
  192: ['not_configured', setUp], // UNKNOWN_USER
  193: ['not_configured', setUp], // WRONG_PASSWORD
  194: ['not_configured', setUp], // REQUIRED_PASSWORD
  497: ['not_configured', setUp], // ACCESS_DENIED
  516: ['not_configured', setUp], // AUTHENTICATION_FAILED
  209: ['unavailable', 'ClickHouse cannot be reached.'], // SOCKET_TIMEOUT
  210: ['unavailable', 'ClickHouse cannot be reached.'], // NETWORK_ERROR
  279: ['unavailable', 'ClickHouse cannot be reached.'], // ALL_CONNECTION_TRIES_FAILED
  999: ['unavailable', 'ClickHouse cannot be reached.'], // KEEPER_EXCEPTION
}

function ofCode(code: number): Problem {
  const [is, message] = meanings[code] ?? ['upstream', 'ClickHouse could not answer.']
  const headers: Record<string, string> = is === 'busy' ? { 'Retry-After': '1' } : is === 'unavailable' ? { 'Retry-After': '5' } : {}
  return new Problem(is, message, { detail: `ClickHouse's code ${code}`, headers })
}
