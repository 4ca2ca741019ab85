/** Splits a stream of bytes into its lines, without their ends. */
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
      // ClickHouse ends every row with a line feed: without one, the answer broke off, and its reader finds no row.
      if (rest !== '') out.enqueue(rest)
    },
  })
}
