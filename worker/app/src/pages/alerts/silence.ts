import type { Row } from '../../lib/api.ts'
import { shell } from '../../lib/shell.ts'

/** The command that silences what has these labels. The reason and the author are for the reader to say. */
export function silenceCommand(alert: string, labels: Record<string, string>): string {
  const all = Object.entries(labels).map(([name, value]) => ` --label ${shell(`${name}=${value}`)}`)
  return `polo alerts silence ${shell(alert)}${all.join('')} --for 4h --reason "WHY" --author NAME`
}

/** Reports whether a pattern, in which * stands for any text, matches all of a text. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (!text.startsWith(first)) return false
  if (rest.length === 0) return text === first
  const last = rest.pop() ?? ''
  let at = first.length
  for (const part of rest) {
    const next = text.indexOf(part, at)
    if (next < 0) return false
    at = next + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** The silence that withholds what is told of this, of those that hold now; the one that ends last. */
export function silenceOf(alert: string, labels: Record<string, string>, silences: Row[]): Row | undefined {
  return silences
    .filter((s) => s.state === 'active' && matches(String(s.alert), alert) && Object.entries(s.labels as Record<string, string>).every(([name, value]) => matches(value, labels[name] ?? '')))
    .sort((a, b) => (String(a.expires) < String(b.expires) ? 1 : -1))[0]
}
