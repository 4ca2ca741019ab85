import { query } from './answers.ts'
import { ApiError, type Answer } from './api.ts'
import { address, type Ask } from './ask.ts'
import { untrack } from 'svelte'

const slowAfter = 2000 // milliseconds

/** The state of a tile's question. While a new answer is awaited the last one stays, so that nothing jumps: waiting tells them apart. */
export class Query {
  #make: () => Ask | null
  #last = $state.raw<Answer | null>(null)
  error = $state.raw<ApiError | null>(null)
  waiting = $state(true)
  slow = $state(false)
  /** Rises to ask again. */
  tries = $state(0)

  /** The question that is asked; null while there is none. */
  ask = $derived.by(() => this.#make())
  /** Its answer, or that of the question before if it was of the same query: rows of another have other columns. */
  answer = $derived.by(() => (this.ask && this.#last?.query === this.ask.query ? this.#last : null))
  /** Rows of the answer, none before there is one. */
  rows = $derived(this.answer?.rows ?? [])

  constructor(make: () => Ask | null) {
    this.#make = make
  }

  retry = (): void => {
    this.tries += 1
  }

  /** Asks, until the function that it returns is called. */
  start(ask: Ask, tile: string, fresh: boolean): () => void {
    const stop = new AbortController()
    const timer = setTimeout(() => (this.slow = true), slowAfter)
    const end = () => {
      clearTimeout(timer)
      this.slow = false
    }
    this.waiting = true
    this.error = null
    query(ask, stop.signal, tile, fresh)
      .then(
        (answer) => {
          if (!stop.signal.aborted) this.#last = answer
        },
        (error: unknown) => {
          if (stop.signal.aborted) return
          this.#last = null
          this.error = error instanceof ApiError ? error : new ApiError('unknown', String(error))
        },
      )
      .finally(() => {
        if (stop.signal.aborted) return
        end()
        this.waiting = false
      })
    return () => {
      stop.abort()
      end()
    }
  }

  rest(): void {
    this.waiting = false
    this.error = null
    this.#last = null
  }
}

/**
 * Asks whenever what the function returns changes, and aborts the question before. Call it while a component is made. tile names the tile for
 * the server, which stops an older question of the same tile. A function that returns null asks nothing.
 */
export function useQuery(tile: string, make: () => Ask | null): Query {
  const state = new Query(make)
  const key = $derived(state.ask ? address(state.ask) : '') // the same question made anew is not asked anew
  let tried = 0

  // Before the page is drawn, and in the order in which components are made: what a page is about comes first.
  $effect.pre(() => {
    const fresh = state.tries !== tried
    tried = state.tries
    const question = key ? questionOf(key) : null
    return untrack(() => (question ? state.start(question, tile, fresh) : state.rest()))
  })
  return state
}

function questionOf(key: string): Ask {
  const [name, search] = key.slice('/api/query/'.length).split('?')
  return { query: decodeURIComponent(name ?? ''), params: Object.fromEntries(new URLSearchParams(search)), ignored: [] }
}
