import { fetchJson } from './api.ts'
import { filters } from './filters.svelte.ts'
import { oldest, renew } from './query.svelte.ts'
import { today } from './time.ts'

export interface Me { email: string | null; name: string | null; service: boolean; expires: string }
export interface Health { status: string; newest: string | null; lag_seconds: number | null }

const every = 60_000 // milliseconds

/** Who is asking, and how fresh the data are: what the shell shows on every page. */
class Status {
  me = $state<Me | null>(null)
  health = $state<Health | null>(null)
  unreachable = $state(false)
  /** When the newest row came, by this browser's clock: the API's may be another. */
  #came = $state<number | null>(null)
  #day = $state(today())
  /** Whether rows came, or a day began, since the page asked. */
  newer = $derived.by(() => {
    if (this.#day > filters.today) return true
    const asked = oldest()
    return asked !== null && this.#came !== null && this.#came > asked
  })

  start(): () => void {
    // A shell that knows nobody shows nobody; the tiles say what is wrong.
    fetchJson<Me>('/api/me').then((me) => (this.me = me), () => undefined)
    void this.#look()
    const timer = setInterval(() => document.visibilityState === 'visible' && void this.#look(), every)
    const seen = () => document.visibilityState === 'visible' && void this.#renew('expired')
    document.addEventListener('visibilitychange', seen)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }

  /** Asks all of the page again. */
  reload = (): Promise<void> => this.#renew('all')

  /** What is shown stays if the server does not answer. */
  async #renew(which: 'all' | 'expired'): Promise<void> {
    await this.#look()
    if (this.unreachable) return
    filters.renew()
    renew(which)
  }

  async #look(): Promise<void> {
    this.#day = today()
    try {
      this.health = await fetchJson<Health>('/api/health')
      this.#came = this.health.lag_seconds === null ? null : Date.now() - this.health.lag_seconds * 1000
      this.unreachable = false
    } catch {
      this.unreachable = true
    }
  }
}

export const status = new Status()
