import { dayToMs, showDay, showMonth } from '$lib/time.ts'
import type { ChartData } from './data.ts'

/** Where the time axis has labels: at Mondays and firsts of months, which people look for, and so many as have room. */
export function tickPlaces(data: ChartData, room: number): number[] {
  const { starts, step } = data
  const all = starts.map((_, i) => i)
  const monday = (i: number) => new Date(dayToMs(starts[i] ?? '')).getUTCDay() === 1
  const first = (i: number) => Number(starts[i]?.slice(8, 10)) <= (step === 'week' ? 7 : 1)
  const quarter = (i: number) => first(i) && (Number(starts[i]?.slice(5, 7)) - 1) % 3 === 0
  const choices = step === 'month' ? [all, all.filter(quarter)] : step === 'week' ? [all, all.filter(first), all.filter(quarter)] : [all, all.filter(monday), all.filter(first), all.filter(quarter)]
  const fits = choices.find((c) => c.length <= room && c.length > 2)
  if (fits) return fits
  const every = Math.ceil(all.length / Math.max(Math.floor(room), 1))
  return all.filter((i) => i % every === 0)
}

export function tickLabel(data: ChartData, i: number): string {
  const start = data.starts[i]
  if (!start) return ''
  return data.step === 'month' ? showMonth(start) : showDay(start, false)
}
