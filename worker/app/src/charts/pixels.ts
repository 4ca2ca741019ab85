import { pixels } from '$lib/money.ts'
import type { Band, ChartData, Overlay } from './data.ts'

/** Floats for the canvas: where each bar of a stack ends, above 0 and below it by itself, for credits are negative. */
export function stack(data: ChartData): (number | null)[][] {
  const above = data.starts.map(() => 0)
  const below = data.starts.map(() => 0)
  return data.series.map((series) =>
    series.values.map((text, i) => {
      if (text === null) return null
      const value = pixels(text)
      const side = value < 0 ? below : above
      side[i] = (side[i] ?? 0) + value
      return side[i] ?? 0
    }),
  )
}

/** The least and the greatest place that anything is drawn at, 0 included. */
export function extent(ends: (number | null)[][], band?: Band, overlay?: Overlay): [number, number] {
  const texts = [...(band?.low ?? []), ...(band?.high ?? []), ...(overlay?.values ?? [])].filter((v) => v !== null)
  let [least, most] = [0, 0]
  for (const v of [...ends.flat(), ...texts.map(pixels)]) {
    if (v === null) continue
    if (v < least) least = v
    if (v > most) most = v
  }
  return [least, most]
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })

/** A tick of the money axis: round, and no amount that anybody owes. */
export function tick(value: number): string {
  return compact.format(value).replace('-', '\u2212')
}
