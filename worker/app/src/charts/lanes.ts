const most = 4

/** Puts what lies side by side on lines of their own, four at most: the place of each in order. */
export function lanesOf(items: { left: number; width: number }[]): number[] {
  const ends: number[] = []
  return items.map(({ left, width }) => {
    let lane = ends.findIndex((end) => end <= left + 0.5)
    if (lane < 0) lane = Math.min(ends.length, most - 1)
    ends[lane] = left + width
    return lane
  })
}
