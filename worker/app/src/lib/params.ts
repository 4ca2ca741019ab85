import { filterNames, type Dimension } from './filters.svelte.ts'
import { decodeList, encodeList } from './list.ts'
import { go, route } from './router.svelte.ts'

/**
 * The query parameters of the address. Those of filterNames hold on every page; the others belong to the page that is shown, and end with
 * it. Reading is reactive: use it in $derived.
 */
export type Patch = Record<string, string | string[] | null | undefined>
/** Dimensions are lists: one value with a comma would be read back as two. */
type AddressPatch = Patch & { [D in Dimension]?: string[] | null }

export function text(name: string, fallback = ''): string {
  return route.query.get(name) ?? fallback
}

export function list(name: string): string[] {
  return decodeList(route.query.get(name))
}

/** Returns the parameter if it is one of the choices; a value that is none of them is as good as no value. */
export function choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
  const value = route.query.get(name) as T
  return choices.includes(value) ? value : fallback
}

/**
 * Returns the address of a page with the filters that hold now, changed by patch; null, '' and [] take a parameter away. Without a path, or
 * with that of the page shown, the page's own parameters stay as well.
 */
export function href(patch: AddressPatch = {}, path = route.path): string {
  const query = new URLSearchParams()
  for (const [name, value] of route.query) if (path === route.path || filterNames.includes(name)) query.set(name, value)
  for (const [name, value] of Object.entries(patch)) {
    const encoded = Array.isArray(value) ? (value.length ? encodeList(value) : '') : value
    if (encoded) query.set(name, encoded)
    else query.delete(name)
  }
  const rest = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')
  return rest ? `${path}?${rest}` : path
}

/** Changes parameters of this page: push by default, replace for what is typed or only looks different (sort, columns). */
export function set(patch: AddressPatch, how: 'push' | 'replace' = 'push'): void {
  go(href(patch), how)
}
