import { inOrder } from './platforms.ts'

const key = 'platforms'

/**
 * The platforms with costs or resources in the period, as last answered. This browser remembers them, so that what depends on them stands where it will
 * stand before the answer comes, and nothing jumps.
 */
class Seen {
  platforms = $state.raw<readonly string[]>(stored())

  set(platforms: Iterable<string>): void {
    const next = inOrder(platforms)
    if (next.join() === this.platforms.join()) return
    this.platforms = next
    try {
      localStorage.setItem(key, next.join())
    } catch {
      // a browser that forbids storage asks first
    }
  }
}

function stored(): string[] {
  try {
    return localStorage.getItem(key)?.split(',').filter(Boolean) ?? []
  } catch {
    return []
  }
}

export const seen = new Seen()
