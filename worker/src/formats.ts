import { isRow } from './clickhouse'
import { brokenOff, Problem } from './errors'
import { lines } from './lines'
import type { Bound } from './params'
import type { Query } from './queries'

/** Formats of answers, each with its media type. */
export const mediaTypes = { json: 'application/json', csv: 'text/csv', ndjson: 'application/x-ndjson' } as const
export type Format = keyof typeof mediaTypes

/** Returns the format that a request asks for: by format=, else by Accept, else JSON. */
export function formatOf(request: Request, asked: string | undefined): Format {
  if (asked !== undefined) {
    if (Object.hasOwn(mediaTypes, asked)) return asked as Format
    throw new Problem('not_acceptable', 'format= is json, csv or ndjson.')
  }
  const accept = (request.headers.get('Accept') ?? '*/*').split(',').map((part) => {
    const [type, ...rest] = part.trim().toLowerCase().split(/\s*;\s*/)
    const q = Number(rest.find((r) => r.startsWith('q='))?.slice(2) ?? 1)
    return { type: type!, q }
  })
  for (const { type, q } of accept.sort((a, b) => b.q - a.q)) {
    if (!(q > 0)) continue
    if (type === '*/*' || type === 'application/*') return 'json'
    if (type === 'text/*') return 'csv'
    for (const [format, media] of Object.entries(mediaTypes)) if (media === type) return format as Format
  }
  throw new Problem('not_acceptable', `An answer is ${Object.values(mediaTypes).join(', ')}.`)
}

/**
 * The compact answer, made of rows of ClickHouse's JSONEachRow as they stand: its decimals and integers of 64 bits are strings.
 * The statement asked for a row more than the limit.
 */
export function json(bound: Bound, rows: string[], requestID: string): { body: string; truncated: boolean } {
  const truncated = rows.length > bound.limit
  const head = JSON.stringify({ query: bound.query.name, parameters: bound.values, columns: bound.query.columns })
  const tail = JSON.stringify({ truncated, request_id: requestID })
  return { body: `${head.slice(0, -1)},"rows":[${rows.slice(0, bound.limit).join(',')}],${tail.slice(1)}`, truncated }
}

/**
 * Turns a stream of rows into NDJSON or CSV. What is not whole does not end with the trailer, and the stream fails:
 * the last line is the trailer, or says what went wrong, or is missing.
 */
export function stream(format: 'csv' | 'ndjson', bound: Bound, rows: ReadableStream<Uint8Array>, failed: (e: unknown) => void): ReadableStream<Uint8Array> {
  const write = (format === 'csv' ? csv : ndjson)(bound.query)
  const reader = rows.pipeThrough(lines()).getReader()
  const encoder = new TextEncoder()
  let n = 0
  let head = write.head
  return new ReadableStream({
    async pull(out) {
      let text = head
      head = ''
      try {
        // A chunk of many rows costs less than one of each.
        while (text.length < 16_384) {
          const { done, value } = await reader.read()
          if (done || n === bound.limit) {
            if (!done) {
              write.row(value) // or else it is no row more, but an error
              await reader.cancel()
            }
            out.enqueue(encoder.encode(text + write.trailer(n, !done)))
            out.close()
            return
          }
          text += write.row(value)
          n++
        }
        out.enqueue(encoder.encode(text))
      } catch (e) {
        failed(e)
        out.enqueue(encoder.encode(text + write.failure(n)))
        out.error(e)
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

interface Writer {
  head: string
  row(line: string): string
  trailer(rows: number, truncated: boolean): string
  failure(rows: number): string
}

/** Rows as JSON objects, one a line; the last line has no row but {"polo": ...}. */
function ndjson(query: Query): Writer {
  const whole = isRow(query)
  return {
    head: '',
    row(line) {
      if (!whole(line)) throw brokenOff()
      return `${line}\n`
    },
    trailer: (rows, truncated) => `${JSON.stringify({ polo: { rows, truncated } })}\n`,
    failure: (rows) => `${JSON.stringify({ polo: { rows, error: 'upstream' } })}\n`,
  }
}

/** Rows between commas (RFC 4180), under the columns' names; the last record is #polo,rows=N,truncated=false. */
function csv({ columns }: Query): Writer {
  const record = (cells: string[]) => `${cells.map(quoted).join(',')}\n`
  const numeric = columns.map((c) => /Int|Float|Decimal/.test(c.type) && !/Array|Map/.test(c.type))
  return {
    head: record(columns.map((c) => c.name)),
    row(line) {
      let cells: unknown
      try {
        cells = JSON.parse(line)
      } catch {
        throw brokenOff()
      }
      if (!Array.isArray(cells) || cells.length !== columns.length) throw brokenOff()
      return record(cells.map((cell, i) => (numeric[i] ? text(cell) : defused(text(cell)))))
    },
    trailer: (rows, truncated) => `#polo,rows=${rows},truncated=${truncated}\n`,
    failure: (rows) => `#polo,rows=${rows},error=upstream\n`,
  }
}

function text(cell: unknown): string {
  if (cell === null) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/** A spreadsheet runs a cell that begins like a formula: https://owasp.org/www-community/attacks/CSV_Injection. */
const defused = (cell: string): string => (/^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell)

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
