import { fetchJson } from './api.ts'

export interface Me { email: string | null; name: string | null; service: boolean; expires: string }
export interface Health { status: string; newest: string | null; lag_seconds: number | null }

const every = 60_000 // milliseconds

/** Who is asking, and how fresh the data are: what the shell shows on every page. */
class Status {
  me = $state<Me | null>(null)
  health = $state<Health | null>(null)
  unreachable = $state(false)

  start(): () => void {
    // A shell that knows nobody shows nobody; the tiles say what is wrong.
    fetchJson<Me>('/api/me').then((me) => (this.me = me), () => undefined)
    void this.#look()
    const timer = setInterval(() => document.visibilityState === 'visible' && void this.#look(), every)
    return () => clearInterval(timer)
  }

  async #look(): Promise<void> {
    try {
      this.health = await fetchJson<Health>('/api/health')
      this.unreachable = false
    } catch {
      this.unreachable = true
    }
  }
}

export const status = new Status()
