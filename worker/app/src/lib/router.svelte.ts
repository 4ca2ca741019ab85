import { tick } from 'svelte'
import { pathOf } from './path.ts'

/** Where the browser is. All state of the application that a person would want back is in here. */
class Route {
  path = $state(pathOf(location))
  search = $state(location.search)
  query = $derived(new URLSearchParams(this.search))
  /** Rises when another page is shown, so that it may take the focus; 0 on the first, which must not. */
  pages = $state(0)
}

export const route = new Route()

/** Goes to an address of the application. push for what the back button should undo, replace for what it should not. */
export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(href, location.href)
  if (url.href === location.href) return
  history.replaceState({ ...history.state, top: scrollY }, '')
  history[how === 'push' ? 'pushState' : 'replaceState']({}, '', url)
  if (arrive()) scrollTo(0, 0)
}

/** Takes over the browser's address, and reports whether that is another page. */
function arrive(): boolean {
  const path = pathOf(location)
  const moved = path !== route.path
  route.path = path
  route.search = location.search
  if (moved) route.pages += 1
  return moved
}

/** Makes links and the back button work without loading. Call it once. */
export function startRouter(): void {
  history.scrollRestoration = 'manual'
  addEventListener('popstate', () => {
    const top = Number(history.state?.top ?? 0)
    arrive()
    void tick().then(() => requestAnimationFrame(() => scrollTo(0, top)))
  })
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = (event.target as Element | null)?.closest('a')
    if (!link?.href || link.target || link.hasAttribute('download')) return
    const url = new URL(link.href)
    if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return
    if (url.hash && url.pathname === location.pathname && url.search === location.search) return // a place on this page
    event.preventDefault()
    go(pathOf(url) + url.search)
  })
}
