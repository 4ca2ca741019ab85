import { ApiError, fetchJson } from '$lib/api.ts'

/** A parameter of a named query. Bounds are texts: they may be relative dates. */
export interface Param { name: string; type: string; description: string; default?: string; required?: boolean; min?: string; max?: string; items?: number; in?: string[]; pattern?: string }
export interface Described {
  name: string
  title: string
  group: string
  description: string
  params: Param[]
  columns: { name: string; type: string; unit?: string; description: string }[]
  rows: number
  max_rows: number
  cache_seconds: number
  sql: string
}

/** Every named query, as the API describes them. Read once. */
class Catalogue {
  queries = $state.raw<Described[] | null>(null)
  error = $state.raw<ApiError | null>(null)
  #asked = false

  load = (): void => {
    if (this.#asked) return
    this.#asked = true
    this.error = null
    fetchJson<{ queries: Described[] }>('/api/queries').then(
      (body) => (this.queries = body.queries),
      (error: unknown) => {
        this.#asked = false
        this.error = error instanceof ApiError ? error : new ApiError('unknown', String(error))
      },
    )
  }
}

export const catalogue = new Catalogue()

export const groups = [
  { name: 'cost', title: 'Cost' }, { name: 'inventory', title: 'Inventory' }, { name: 'activity', title: 'Activity' }, { name: 'health', title: 'Health' }, { name: 'alerts', title: 'Alerts' }, { name: 'lookup', title: 'Lookup' },
]
