import type { Identity } from './access'
import { Problem } from './errors'

/** A page's place for an answer, named by the client: a newer request for it takes the place of an older one. */
const header = 'Polo-Tile'

/**
 * Returns the query's id for ClickHouse. It is that of the caller's tile, if the request names one: the account's
 * profile has replace_running_query, so ClickHouse stops the older query. The id tells nothing of the caller, and no
 * caller can make another's.
 */
export async function queryID(request: Request, who: Identity, requestID: string): Promise<string> {
  const tile = request.headers.get(header)
  if (tile === null) return `polo-${requestID}`
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(tile)) throw new Problem('bad_request', `The header ${header} is not 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-".`)
  const name = JSON.stringify([who.email, who.service, tile])
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)))
  return `polo-tile-${[...digest.subarray(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('')}`
}
