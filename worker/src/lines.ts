import { brokenOff } from './errors'

/** Splits a stream of bytes into its lines, without their ends. Fails if the last has none. */
export function lines(): TransformStream<Uint8Array, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let rest = ''
  const split = (text: string, out: TransformStreamDefaultController<string>) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    for (const line of parts) if (line !== '') out.enqueue(line)
  }
  return new TransformStream({
    transform: (chunk, out) => split(decoder.decode(chunk, { stream: true }), out),
    flush(out) {
      split(decoder.decode(), out)
      // ClickHouse ends every row with a line feed: what has none is a part, also if it looks like a row.
      if (rest !== '') throw brokenOff()
    },
  })
}
