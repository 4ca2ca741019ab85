/** A fault of one parameter. */
export interface Fault {
  param: string
  message: string
}

/** What an answer that is no success says. */
export type Code =
  | 'bad_parameter'
  | 'bad_request'
  | 'unauthenticated'
  | 'not_found'
  | 'unknown_query'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'replaced'
  | 'too_large'
  | 'busy'
  | 'upstream'
  | 'not_configured'
  | 'unavailable'
  | 'too_slow'
  | 'internal'

const statuses: Record<Code, number> = {
  bad_parameter: 400,
  bad_request: 400,
  unauthenticated: 401,
  not_found: 404,
  unknown_query: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  replaced: 409,
  too_large: 413,
  busy: 429,
  internal: 500,
  upstream: 502,
  not_configured: 502,
  unavailable: 503,
  too_slow: 504,
}

/** Codes by their HTTP status, for the description of the API. */
export const codes = Object.entries(statuses) as [Code, number][]

/**
 * An error that the client is told of. Its message names no SQL, user, password or host; what only operators may
 * read goes into detail, which is logged.
 */
export class Problem extends Error {
  readonly status: number

  constructor(
    readonly code: Code,
    message: string,
    readonly more: { faults?: Fault[]; headers?: Record<string, string>; detail?: string } = {},
  ) {
    super(message)
    this.status = statuses[code]
  }

  response(requestID: string): Response {
    const error = { code: this.code, message: this.message, ...(this.more.faults && { faults: this.more.faults }) }
    return Response.json({ error, request_id: requestID }, { status: this.status, headers: { ...this.more.headers, 'Cache-Control': 'no-store' } })
  }
}

/** What ClickHouse sends is not what it was asked for, or not all of it. */
export function brokenOff(detail?: string): Problem {
  return new Problem('upstream', "ClickHouse's answer broke off.", { detail })
}
