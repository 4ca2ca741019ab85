// Runs in the page, before its own scripts: collects what only the page can tell.
export function watch() {
  const seen = { shifts: [], paints: [], events: [], violations: [] }
  Object.defineProperty(window, 'polo', { value: seen })
  document.addEventListener('securitypolicyviolation', (e) => seen.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))
  new PerformanceObserver((list) => seen.paints.push(...list.getEntries())).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const { name, duration, interactionId } of list.getEntries()) if (interactionId) seen.events.push({ name, duration }) // a click or a key, not a pointer that passes
  }).observe({ type: 'event', buffered: true, durationThreshold: 16 })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue
      seen.shifts.push({ value: entry.value, of: entry.sources.map((s) => `${s.node?.nodeName ?? '?'}.${s.node?.className ?? ''} ${Math.round(s.previousRect.y)}->${Math.round(s.currentRect.y)}`) })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}
