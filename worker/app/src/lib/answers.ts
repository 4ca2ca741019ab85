import { ApiError, fetchJson, type Answer } from './api.ts'
import { address, cacheSeconds, type Ask } from './ask.ts'
import { inTurn } from './turns.ts'

/** An answer, when it was asked for and until when it may be kept, by this browser's clock. */
export interface Kept { answer: Answer; asked: number; until: number }

interface User { tile: string }
interface Entry { kept: Promise<Kept>; until: number; users: Set<User>; done: boolean; stop: AbortController }
const entries = new Map<string, Entry>()
const most = 120 // answers kept in memory
const longest = 4000 // characters of an address; longer questions are posted

/**
 * Asks the API. The same question at the same time is asked once, and an answer is kept for as long as its query allows. The request is
 * aborted when nobody waits for it any more. fresh asks anew whatever is kept; it joins a request that runs, which is as fresh.
 */
export function query(ask: Ask, signal: AbortSignal, tile: string, fresh = false): Promise<Kept> {
  const key = address(ask)
  const user: User = { tile }
  let entry = entries.get(key)
  if (!entry || (entry.done && (fresh || entry.until <= Date.now()))) {
    entry = start(ask, key, user)
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > most) entries.delete(entries.keys().next().value as string)
  }
  const mine = entry
  mine.users.add(user)
  signal.addEventListener('abort', () => {
    mine.users.delete(user)
    if (mine.users.size > 0 || mine.done) return
    if (entries.get(key) === mine) entries.delete(key)
    mine.stop.abort()
  }, { once: true })
  return mine.kept
}

function start(ask: Ask, key: string, first: User): Entry {
  const stop = new AbortController()
  const users = new Set([first])
  const entry: Entry = { kept: fetchAs(first.tile, ask, key, users, stop.signal), until: 0, users, done: false, stop }
  entry.kept.then(
    ({ until }) => {
      entry.done = true
      entry.until = until
    },
    () => {
      if (entries.get(key) === entry) entries.delete(key)
    },
  )
  return entry
}

/**
 * Fetches under the name of a tile. The server stops the request when that tile asks something newer: those that still wait for this answer get it
 * under the name of another of them, each name once.
 */
async function fetchAs(tile: string, ask: Ask, key: string, users: Set<User>, signal: AbortSignal, tried: string[] = []): Promise<Kept> {
  const asked = Date.now()
  try {
    const answer = await inTurn(signal, () => fetchAnswer(ask, key, signal, tile))
    return { answer, asked, until: Date.now() + cacheSeconds(ask.query) * 1000 }
  } catch (error) {
    const replaced = error instanceof ApiError && error.code === 'replaced'
    const heir = replaced ? [...users].find((user) => user.tile !== tile && !tried.includes(user.tile)) : undefined
    if (!heir) throw error
    return fetchAs(heir.tile, ask, key, users, signal, [...tried, tile])
  }
}

function fetchAnswer(ask: Ask, key: string, signal: AbortSignal, tile: string): Promise<Answer> {
  const cache = 'no-cache' // what is kept here is kept long enough: from the browser's cache it would live twice as long
  if (key.length <= longest) return fetchJson<Answer>(key, { signal, tile, cache })
  const body = JSON.stringify({ params: ask.params })
  return fetchJson<Answer>(address({ query: ask.query, params: {} }), { method: 'POST', body, headers: { 'Content-Type': 'application/json' }, signal, tile })
}
