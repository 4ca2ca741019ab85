import { session } from './session.svelte.ts'

/** A column of an answer. Its type is ClickHouse's. */
export interface Column { name: string; type: string; unit?: string; description?: string }
export type Cell = string | number | boolean | null | string[] | Record<string, string>
export type Row = Record<string, Cell>

export interface Answer {
  query: string
  /** With every default, and days resolved: what was really asked. */
  parameters: Record<string, string | string[] | boolean>
  columns: Column[]
  rows: Row[]
  truncated: boolean
  request_id: string
}

export interface Fault { param: string; message: string }

/** Any failure of a request, with what to tell a person. */
export class ApiError extends Error {
  constructor(readonly code: string, message: string, readonly requestId = '', readonly faults: Fault[] = []) {
    super(message)
  }
}

/** Requests of another tab must not stop those of this one. */
const tab = Math.random().toString(36).slice(2, 8)

/** Fetches JSON from the API. Every request of the application goes through here. */
export async function fetchJson<T>(path: string, init: RequestInit & { tile?: string } = {}): Promise<T> {
  const headers = new Headers(init.headers)
  headers.set('Accept', 'application/json')
  headers.set('X-Requested-With', 'XMLHttpRequest') // Access then answers 401 instead of its login page
  if (init.tile) headers.set('Polo-Tile', `${tab}.${init.tile}`.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 64))
  let response: Response
  try {
    response = await fetch(path, { ...init, headers, redirect: 'manual' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError('unreachable', 'The server could not be reached. Is the network up?')
  }
  if (response.status === 401 || response.type === 'opaqueredirect') {
    session.over = true
    void response.body?.cancel() // nobody reads it, and the browser would hold its connection
    throw new ApiError('unauthenticated', 'Your session is over. Sign in to go on; the page keeps its state.')
  }
  let body: unknown
  try {
    body = await response.json()
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError('unreadable', `The answer (status ${response.status}) was cut off or is no JSON.`, response.headers.get('Polo-Request-Id') ?? '')
  }
  if (!response.ok) throw failure(response, body)
  return body as T
}

function failure(response: Response, body: unknown): ApiError {
  const { error, request_id } = (body ?? {}) as { error?: { code?: string; message?: string; faults?: Fault[] }; request_id?: string }
  return new ApiError(error?.code ?? `http_${response.status}`, error?.message ?? `The server answered with status ${response.status}.`,
    request_id ?? response.headers.get('Polo-Request-Id') ?? '', error?.faults)
}
