/**
 * Days and times, all UTC, as texts of the API: "2026-11-30" and "2026-11-30 19:00:00.000". Local time is never used, so that no day is
 * off by one.
 */
const dayMs = 86_400_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

export function dayToMs(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10)))
}

export function msToDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

export function today(): string {
  return msToDay(Date.now())
}

export function addDays(day: string, days: number): string {
  return msToDay(dayToMs(day) + days * dayMs)
}

export function daysBetween(from: string, until: string): number {
  return Math.round((dayToMs(until) - dayToMs(from)) / dayMs)
}

export function addMonths(day: string, count: number): string {
  const at = new Date(dayToMs(day))
  return msToDay(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + count, 1))
}

/** Reports whether the text is a day that exists. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayToMs(text)) && msToDay(dayToMs(text)) === text
}

/** Resolves a day as the queries take it: 2026-11-30, today-30d, month-1m. Null for what is none. */
export function resolveDay(text: string, now = today()): string | null {
  if (isDay(text)) return text
  const m = /^(today|month)(?:([+-]\d{1,4})([dm]))?$/.exec(text)
  if (!m) return null
  const start = m[1] === 'month' ? addMonths(now, 0) : now
  const count = Number(m[2] ?? 0)
  if (m[3] === 'm') return m[1] === 'month' ? addMonths(start, count) : null
  return addDays(start, count)
}

/** "30 Nov 2026", or "30 Nov" where the year is told beside it. */
export function showDay(day: string, year = true): string {
  const text = `${Number(day.slice(8, 10))} ${months[Number(day.slice(5, 7)) - 1] ?? '?'}`
  return year ? `${text} ${day.slice(0, 4)}` : text
}

export function showMonth(day: string): string {
  return `${months[Number(day.slice(5, 7)) - 1] ?? '?'} ${day.slice(0, 4)}`
}

export function weekday(day: string): string {
  return weekdays[new Date(dayToMs(day)).getUTCDay()] ?? ''
}

/** "1–30 Nov 2026" for a period that ends before until, as those of all queries do. */
export function showPeriod(from: string, until: string): string {
  const last = addDays(until, -1)
  if (last <= from) return showDay(from)
  if (from.slice(0, 7) === last.slice(0, 7)) return `${Number(from.slice(8, 10))}–${showDay(last)}`
  return `${showDay(from, from.slice(0, 4) !== last.slice(0, 4))} – ${showDay(last)}`
}

/** "30 Nov 2026 19:00", without the seconds, which the title has. */
export function showTime(time: string): string {
  return `${showDay(time)} ${time.slice(11, 16)}`
}

export function timeToMs(time: string): number {
  return Date.parse(`${time.slice(0, 10)}T${time.slice(11) || '00:00:00'}Z`)
}

/** "3 h", "2 d 4 h": two units at most. */
export function showDuration(seconds: number): string {
  const steps: [string, number][] = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]]
  let rest = Math.abs(Math.round(seconds))
  const at = steps.findIndex(([, size]) => rest >= size)
  if (at < 0) return '0 s'
  const parts: string[] = []
  for (const [unit, size] of steps.slice(at, at + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return (seconds < 0 ? '\u2212' : '') + parts.join(' ')
}

/** "4 min ago", for times beside the exact one. */
export function showAgo(time: string, now = Date.now()): string {
  const seconds = (now - timeToMs(time)) / 1000
  if (Math.abs(seconds) < 60) return 'just now'
  const rough = showDuration(seconds).split(' ').slice(0, 2).join(' ')
  return seconds < 0 ? `in ${rough.replace('\u2212', '')}` : `${rough} ago`
}
