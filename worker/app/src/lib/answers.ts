import { fetchJson, type Answer } from './api.ts'
import { address, cacheSeconds, type Ask } from './ask.ts'
import { inTurn } from './turns.ts'

interface Kept { answer: Promise<Answer>; until: number; users: number; done: boolean; stop: AbortController }
const kept = new Map<string, Kept>()
const most = 120 // answers kept in memory
const longest = 4000 // characters of an address; longer questions are posted

/**
 * Asks the API. The same question at the same time is asked once, and an answer is kept for as long as its query allows. The request is
 * aborted when nobody waits for it any more. fresh asks anew whatever is kept.
 */
export function query(ask: Ask, signal: AbortSignal, tile: string, fresh = false): Promise<Answer> {
  const key = address(ask)
  let entry = kept.get(key)
  if (!entry || fresh || (entry.done && entry.until <= Date.now())) {
    entry = start(ask, key, tile)
    kept.delete(key)
    kept.set(key, entry)
    if (kept.size > most) kept.delete(kept.keys().next().value as string)
  }
  const mine = entry
  mine.users += 1
  signal.addEventListener('abort', () => {
    mine.users -= 1
    if (mine.users > 0 || mine.done) return
    if (kept.get(key) === mine) kept.delete(key)
    mine.stop.abort()
  }, { once: true })
  return mine.answer
}

function start(ask: Ask, key: string, tile: string): Kept {
  const stop = new AbortController()
  const request = inTurn(stop.signal, () =>
    key.length <= longest
      ? fetchJson<Answer>(key, { signal: stop.signal, tile })
      : fetchJson<Answer>(address({ query: ask.query, params: {} }), {
          method: 'POST', body: JSON.stringify({ params: ask.params }), headers: { 'Content-Type': 'application/json' }, signal: stop.signal, tile,
        }))
  const entry: Kept = { answer: request, until: 0, users: 0, done: false, stop }
  request.then(
    () => {
      entry.done = true
      entry.until = Date.now() + cacheSeconds(ask.query) * 1000
    },
    () => {
      if (kept.get(key) === entry) kept.delete(key)
    },
  )
  return entry
}
