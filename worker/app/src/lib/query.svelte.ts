import { untrack } from 'svelte'
import { SvelteSet } from 'svelte/reactivity'
import { query, type Kept } from './answers.ts'
import { ApiError } from './api.ts'
import { address, type Ask } from './ask.ts'

const slowAfter = 2000 // milliseconds

/** The state of a tile's question. While a new answer is awaited the last one stays, so that nothing jumps: waiting tells them apart. */
export class Query {
  #make: () => Ask | null
  /** The last answer, and the question that it is of. */
  #last = $state.raw<(Kept & { key: string }) | null>(null)
  error = $state.raw<ApiError | null>(null)
  waiting = $state(true)
  slow = $state(false)
  /** Rises to ask again. */
  tries = $state(0)

  /** The question that is asked; null while there is none. */
  ask = $derived.by(() => this.#make())
  key = $derived(this.ask ? address(this.ask) : '')
  /**
   * Its answer, or that of the question before if it was of the same query: rows of another have other columns. For the question's own tile, which
   * is dimmed while it waits.
   */
  answer = $derived.by(() => (this.ask && this.#last?.answer.query === this.ask.query ? this.#last.answer : null))
  /** Rows of the answer, none before there is one. */
  rows = $derived(this.answer?.rows ?? [])
  /** The answer to what is asked now, null until it is there: for all that stands beside other answers, and is not dimmed. */
  current = $derived(!this.waiting && this.#last?.key === this.key ? this.#last.answer : null)
  /** When what is shown was asked for, and until when it may be kept; null while it is asked for. */
  age = $derived(this.waiting || !this.#last ? null : { asked: this.#last.asked, until: this.#last.until })

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
        (kept) => {
          if (!stop.signal.aborted) this.#last = { ...kept, key: address(ask) }
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

/** The questions of the page that is shown. */
const shown = new SvelteSet<Query>()

/** When the oldest of the answers that are shown was asked for; null before there is one. Reactive. */
export function oldest(): number | null {
  const times = [...shown].flatMap((query) => query.age?.asked ?? [])
  return times.length > 0 ? Math.min(...times) : null
}

/** Asks the questions of the page again: all, or those whose answers were kept for as long as they may be. */
export function renew(which: 'all' | 'expired'): void {
  for (const query of shown) if (which === 'all' || (query.age && query.age.until <= Date.now())) query.retry()
}

/**
 * Asks whenever what the function returns changes, and aborts the question before. Call it while a component is made. tile names the tile for
 * the server, which stops an older question of the same tile. A function that returns null asks nothing.
 */
export function useQuery(tile: string, make: () => Ask | null): Query {
  const state = new Query(make)
  let tried = 0

  // Before the page is drawn, and in the order in which components are made: what a page is about comes first.
  $effect.pre(() => {
    const fresh = state.tries !== tried
    tried = state.tries
    const question = state.key ? questionOf(state.key) : null // the same question made anew is not asked anew
    return untrack(() => (question ? state.start(question, tile, fresh) : state.rest()))
  })
  $effect(() => {
    shown.add(state)
    return () => shown.delete(state)
  })
  return state
}

function questionOf(key: string): Ask {
  const [name, search] = key.slice('/api/query/'.length).split('?')
  return { query: decodeURIComponent(name ?? ''), params: Object.fromEntries(new URLSearchParams(search)), ignored: [] }
}

/**
 * Reports whether all of these were answered once. A page of lists, whose heights nobody knows before, shows them together, so that none pushes
 * away another. Call it while a component is made.
 */
export function allAnswered(...queries: Query[]): { readonly done: boolean } {
  let done = $state(false)
  $effect.pre(() => {
    if (queries.every((query) => !query.waiting)) done = true
  })
  return {
    get done() {
      return done
    },
  }
}
