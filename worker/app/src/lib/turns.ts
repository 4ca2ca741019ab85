const most = 4 // questions at once: the first of a page are answered first, and a small server is not swamped
let running = 0
const waiting: { signal: AbortSignal; begin: () => void }[] = []

/** Runs the task once fewer than four others run, in the order of the calls. What was aborted meanwhile is not begun. */
export function inTurn<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const begin = () => {
      running += 1
      task().then(resolve, reject).finally(next)
    }
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (running < most) begin()
    else waiting.push({ signal, begin })
  })
}

function next(): void {
  running -= 1
  for (let turn = waiting.shift(); turn; turn = waiting.shift()) {
    if (!turn.signal.aborted) return turn.begin()
  }
}
