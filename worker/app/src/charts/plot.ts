import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { pixels } from '$lib/money.ts'
import type { Band, ChartData, Overlay } from './data.ts'
import { extent, stack, tick } from './pixels.ts'
import { tickLabel, tickPlaces } from './ticks.ts'

export interface PlotOptions {
  data: ChartData
  band?: Band
  overlay?: Overlay
  height: number
  /** The size of type against 16 pixels: large screens have larger type. */
  scale: number
  /** Room above the bars for marks, in pixels. */
  above: number
  /** The step that the pointer is at, and its place; null when it left. */
  onhover: (at: { index: number; left: number } | null) => void
  /** The first and the last step of a range that was dragged. */
  onselect?: (first: number, last: number) => void
  /** After each drawing: places for what is laid over the canvas. */
  ondraw: (places: Places) => void
}

/** Places on the chart in CSS pixels. */
export interface Places {
  x: (index: number) => number
  y: (value: number) => number
  left: number
  width: number
  /** Where each series' bar ends at each step. */
  ends: (number | null)[][]
}

/**
 * Draws a chart of stacked bars with uPlot. x is the place in data.starts, not a time: no time zone can move a bar, and months are equally wide.
 * Colours are read off the page, for the canvas knows no light-dark().
 */
export function plot(target: HTMLElement, o: PlotOptions): uPlot {
  const ends = stack(o.data)
  const [least, most] = extent(ends, o.band, o.overlay)
  const count = o.data.starts.length
  const colour = palette(target)
  const bars = uPlot.paths.bars?.({ size: [count > 60 ? 0.9 : 0.74, 56] })
  const line = { stroke: colour('line'), width: 1 }
  const text = { stroke: colour('ink-2'), font: `${12 * o.scale}px ${getComputedStyle(target).fontFamily}` }

  const options: uPlot.Options = {
    width: Math.max(target.clientWidth, 120),
    height: o.height,
    padding: [8 + o.above, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: o.onselect !== undefined, y: false, setScale: false } },
    scales: {
      x: { time: false, range: () => [-0.6, count - 0.4] },
      y: { range: () => (least === most ? [0, 1] : [least * 1.05, most * 1.05]) },
    },
    axes: [
      { ...text, size: 28 * o.scale, gap: 6, grid: { show: false }, ticks: { show: false }, splits: (u) => tickPlaces(o.data, u.width / (64 * o.scale)), values: (_u, at) => at.map((i) => tickLabel(o.data, i)) },
      { ...text, size: 48 * o.scale, gap: 6, grid: line, ticks: { show: false }, space: 44 * o.scale, values: (_u, at) => at.map(tick) },
    ],
    series: [
      {},
      // The longest bars first: each of the others covers the part of them that is its own.
      ...o.data.series.map((s) => ({ label: s.label, fill: colour(s.colour), width: 0, paths: bars, points: { show: false } })).reverse(),
    ],
    hooks: {
      drawAxes: [(u) => o.band && drawBand(u, o.band, colour('estimate'))],
      draw: [
        (u) => {
          hatch(u, o.data, ends, colour('surface'))
          if (o.overlay) drawLine(u, o.overlay.values, colour('ink'))
          o.ondraw(placesOf(u, ends))
        },
      ],
      setCursor: [(u) => o.onhover(u.cursor.idx == null || (u.cursor.left ?? -1) < 0 ? null : { index: u.cursor.idx, left: u.valToPos(u.cursor.idx, 'x') + u.bbox.left / devicePixelRatio })],
      setSelect: [
        (u) => {
          if (u.select.width < 5) return
          const at = (px: number) => Math.min(count - 1, Math.max(0, Math.round(u.posToVal(px, 'x'))))
          const [first, last] = [at(u.select.left), at(u.select.left + u.select.width)]
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          o.onselect?.(first, last)
        },
      ],
    },
  }
  const xs = o.data.starts.map((_, i) => i)
  return new uPlot(options, [xs, ...[...ends].reverse()] as uPlot.AlignedData, target)
}

function palette(target: HTMLElement): (token: string) => string {
  const probe = document.createElement('span')
  target.append(probe)
  const found = new Map<string, string>()
  const colour = (token: string) => {
    let value = found.get(token)
    if (!value) {
      probe.style.color = `var(--${token})`
      value = getComputedStyle(probe).color
      found.set(token, value)
    }
    return value
  }
  for (const token of ['line', 'ink', 'ink-2', 'surface', 'estimate', 'series-none', 'series-other', ...Array.from({ length: 8 }, (_, i) => `series-${i + 1}`)]) colour(token)
  probe.remove()
  return (token) => found.get(token) ?? 'gray'
}

function placesOf(u: uPlot, ends: (number | null)[][]): Places {
  const [left, top] = [u.bbox.left / devicePixelRatio, u.bbox.top / devicePixelRatio]
  return { x: (i) => left + u.valToPos(i, 'x'), y: (v) => top + u.valToPos(v, 'y'), left, width: u.bbox.width / devicePixelRatio, ends }
}

/** Hatches the bars of steps that may still change: lines of the ground across them. */
function hatch(u: uPlot, data: ChartData, ends: (number | null)[][], ground: string): void {
  const { ctx } = u
  const half = Math.abs(u.valToPos(1, 'x', true) - u.valToPos(0, 'x', true)) / 2
  const gap = 6 * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  for (const [i] of data.starts.entries()) {
    if (!data.estimated[i] && !data.partial[i]) continue
    const at = ends.map((e) => e[i] ?? 0)
    const top = u.valToPos(Math.max(0, ...at), 'y', true)
    ctx.rect(u.valToPos(i, 'x', true) - half, top, half * 2, u.valToPos(Math.min(0, ...at), 'y', true) - top)
  }
  ctx.clip()
  ctx.beginPath()
  const { left, top, width, height } = u.bbox
  for (let x = left - height; x < left + width; x += gap) {
    ctx.moveTo(x, top + height)
    ctx.lineTo(x + height, top)
  }
  ctx.globalAlpha = 0.38
  ctx.strokeStyle = ground
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.stroke()
  ctx.restore()
}

function drawBand(u: uPlot, band: Band, colour: string): void {
  const { ctx } = u
  const x = (i: number) => u.valToPos(i, 'x', true)
  const y = (text: string) => u.valToPos(pixels(text), 'y', true)
  const half = Math.abs(x(1) - x(0)) / 2
  ctx.save()
  ctx.fillStyle = colour
  for (const [i, high] of band.high.entries()) {
    const low = band.low[i]
    if (high === null || low == null) continue
    ctx.globalAlpha = 0.2
    ctx.fillRect(x(i) - half, y(high), half * 2, Math.max(y(low) - y(high), 1))
    ctx.globalAlpha = 0.8
    ctx.fillRect(x(i) - half, y(high), half * 2, devicePixelRatio)
    ctx.fillRect(x(i) - half, y(low), half * 2, devicePixelRatio)
  }
  ctx.restore()
}

function drawLine(u: uPlot, values: (string | null)[], colour: string): void {
  const { ctx } = u
  ctx.save()
  ctx.beginPath()
  let pen = false
  for (const [i, text] of values.entries()) {
    if (text === null) {
      pen = false
      continue
    }
    const [x, y] = [u.valToPos(i, 'x', true), u.valToPos(pixels(text), 'y', true)]
    if (pen) ctx.lineTo(x, y)
    else ctx.moveTo(x, y)
    pen = true
  }
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.5 * devicePixelRatio
  ctx.stroke()
  ctx.restore()
}
