// Answers that are right: their rows, their formats, and what their headers say.
import { beforeEach, describe, expect, test } from 'vitest'
import { all, named } from '../../src/queries'
import { call, logged, network, post, rows, verdict } from '../fakes/worker'

const dimension = named('cost_by_dimension')

describe('a compact answer', () => {
  test('has the rows as ClickHouse wrote them: decimals and integers of 64 bits are strings, to the last digit', async () => {
    const row = '{"value":"a","cost":"12345678901234567890123456789012345678.00000000000000000000000000000000000001","percent":1.10,"lines":"18446744073709551615"}'
    network.clickhouse = () => rows(row)
    const answer = await call('/api/query/cost_by_dimension')
    expect(answer.text).toContain(`"rows":[${row}]`)
    expect(answer.json.rows[0]).toMatchObject({ cost: '12345678901234567890123456789012345678.00000000000000000000000000000000000001', lines: '18446744073709551615' })
  })

  test('says which query, parameters and columns it has, as `polo query --format json` does', async () => {
    const answer = await post('cost_by_dimension', { params: { from: '2026-11-01', until: '2026-12-01', by: 'customer', account: ['1', '2'], limit: 3 } })
    const { request_id, parameters, columns, ...rest } = answer.json
    expect(rest).toEqual({ query: 'cost_by_dimension', rows: [], truncated: false })
    expect(parameters).toMatchObject({ from: '2026-11-01', until: '2026-12-01', by: 'customer', account: ['1', '2'], region: [], limit: '3' })
    expect(columns).toEqual(dimension.columns)
    expect(request_id).toBe(answer.headers.get('Polo-Request-Id'))
    expect(Object.keys(answer.json)).toEqual(['query', 'parameters', 'columns', 'rows', 'truncated', 'request_id'])
    expect(logged).toEqual([])
  })

  test('keeps text as it is', async () => {
    const text = '🦓 é \u2028 </script> "\\ \u0001 \u202e ＝1+1'
    network.clickhouse = () => rows({ value: text })
    expect((await call('/api/query/cost_by_dimension')).json.rows).toEqual([{ value: text }])
  })

  test.each([
    [0, 0, 'false'], [4, 4, 'false'], [5, 5, 'false'], [6, 5, 'true'],
  ])('of %d rows at the limit of 5 has %d, and truncated is %s', async (n, shown, truncated) => {
    network.clickhouse = () => rows(...Array.from({ length: n }, (_, i) => ({ value: `${i}` })))
    const answer = await call('/api/query/cost_by_dimension?limit=5')
    expect(answer.json.rows.map((r: { value: string }) => r.value)).toEqual(Array.from({ length: shown }, (_, i) => `${i}`))
    expect([String(answer.json.truncated), answer.headers.get('Polo-Truncated')]).toEqual([truncated, truncated])
    expect(network.asked[0]!.url.searchParams.get('param_limit')).toBe('5') // the statement adds one
  })

  test('may be kept by its reader alone, as long as the query says', async () => {
    for (const { name, cache, params } of all) {
      const search = new URLSearchParams(params.filter((p) => p.required).map((p) => [p.name, 'x']))
      const answer = await call(`/api/query/${name}?${search}`)
      expect(answer.headers.get('Cache-Control')).toBe(`private, max-age=${cache}`)
      expect(answer.headers.get('Vary')).toBe('Accept')
    }
    expect((await post('rules', {})).headers.get('Cache-Control')).toBe('no-store')
  })
})

describe('an export', () => {
  /** Rows in ClickHouse's format for the export. */
  const give = (...of: unknown[][]) => {
    network.clickhouse = ({ url }) => rows(...of.map((cells) => (url.searchParams.get('default_format') === 'JSONCompactEachRow' ? cells : Object.fromEntries(cells.map((c, i) => [freshness[i]!, c])))))
  }
  const get = (format: string, limit = 5) => call(`/api/query/health_freshness?limit=${limit}&format=${format}`)
  const freshness = named('health_freshness').columns.map((c) => c.name)
  const cells = (first: unknown) => [first, ...freshness.slice(1).map((_, i) => i)]
  const filler = freshness.slice(1).map((_, i) => i).join(',')

  test.each([
    [0, 0, false], [4, 4, false], [5, 5, false], [6, 5, true], [60, 5, true],
  ])('of %d rows at the limit of 5 has %d, and a trailer: truncated is %s', async (n, shown, truncated) => {
    give(...Array.from({ length: n }, (_, i) => cells(`s${i}`)))
    const ndjson = await get('ndjson')
    const lines = ndjson.text.split('\n')
    expect([ndjson.failure, lines.pop()]).toEqual([undefined, ''])
    expect(lines.map((l) => JSON.parse(l)).map((l) => l[freshness[0]!] ?? l)).toEqual([...Array.from({ length: shown }, (_, i) => `s${i}`), { polo: { rows: shown, truncated } }])
    const csv = await get('csv')
    expect(csv.failure).toBeUndefined()
    expect(csv.text).toBe([freshness.join(','), ...Array.from({ length: shown }, (_, i) => `s${i},${filler}`), `#polo,rows=${shown},truncated=${truncated}`, ''].join('\n'))
  })

  test('is a file to keep, that nobody else keeps', async () => {
    give(cells('a'))
    for (const [format, type] of [['csv', 'text/csv'], ['ndjson', 'application/x-ndjson']]) {
      const { headers } = await get(format!)
      expect([headers.get('Content-Type'), headers.get('Content-Disposition'), headers.get('Cache-Control'), headers.get('Polo-Truncated')]).toEqual([type, `attachment; filename="health_freshness.${format}"`, 'no-store', null])
    }
  })

  test('of many rows has each once', async () => {
    const n = 1000
    give(...Array.from({ length: n }, (_, i) => cells(`${'x'.repeat(i % 97)}${i}`)))
    for (const format of ['csv', 'ndjson']) {
      const lines = (await get(format, n)).text.trimEnd().split('\n')
      expect(new Set(lines).size).toBe(n + (format === 'csv' ? 2 : 1))
    }
  })

  test('has whole rows, however their bytes arrive', async () => {
    const bytes = new TextEncoder().encode(`${JSON.stringify(cells('🦓é\n"'))}\n`.repeat(3))
    network.clickhouse = () => new Response(new ReadableStream({ start(out) { for (const b of bytes) out.enqueue(new Uint8Array([b])); out.close() } }))
    expect((await get('csv')).text).toBe(`${freshness.join(',')}\n${`"🦓é\n""",${filler}\n`.repeat(3)}#polo,rows=3,truncated=false\n`)
  })

  test('that has what it needs reads no further', async () => {
    let given = 0
    let left = false
    network.clickhouse = () => new Response(new ReadableStream({
      pull(out) {
        given++
        out.enqueue(new TextEncoder().encode(`${JSON.stringify(cells('a'))}\n`))
      },
      cancel() { left = true },
    }))
    expect((await get('csv')).text).toMatch(/truncated=true\n$/)
    expect(left).toBe(true)
    expect(given).toBeLessThan(100)
  })
})

describe('CSV', () => {
  const query = named('cost_by_dimension')
  const at = (type: RegExp) => query.columns.findIndex((c) => type.test(c.type))
  const [text, decimal, big, float] = [at(/^String$/), at(/Decimal/), at(/^UInt64$/), at(/Float/)]
  /** The record that a cell becomes, the others empty. */
  async function cell(column: number, value: unknown): Promise<string> {
    network.clickhouse = () => rows(query.columns.map((_, i) => (i === column ? value : null)))
    const { text } = await call('/api/query/cost_by_dimension?format=csv')
    const record = text.slice(text.indexOf('\n') + 1, text.lastIndexOf('\n#polo'))
    const [before, after] = [','.repeat(column), ','.repeat(query.columns.length - column - 1)]
    expect(record.startsWith(before) && record.endsWith(after)).toBe(true)
    return record.slice(before.length, record.length - after.length)
  }

  test('has columns of each kind', () => expect([text, decimal, big, float].every((i) => i >= 0)).toBe(true))

  test.each([
    ['=1+1', "'=1+1"], ['+1', "'+1"], ['-1', "'-1"], ['@SUM(A1)', "'@SUM(A1)"], ['\t=1', "'\t=1"], ['\r=1', `"'\r=1"`], ['\n=1', `"'\n=1"`], ['＝1', "'＝1"], ['＋1', "'＋1"], ['－1', "'－1"], ['＠a', "'＠a"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`], ['-', "'-"],
    ['a=1', 'a=1'], ['', ''], ['a,b', '"a,b"'], ['a"b', '"a""b"'], ['"', '""""'], ['a\nb', '"a\nb"'], ['a\rb', '"a\rb"'], [' a ', ' a '], ['é🦓', 'é🦓'], ['null', 'null'],
    ['#polo,rows=0,truncated=false', '"#polo,rows=0,truncated=false"'],
  ])('text %j is %j', async (value, want) => {
    expect(await cell(text, value)).toBe(want)
  })

  test.each([
    [() => decimal, '-12.340', '-12.340'], [() => decimal, '-0.00000000000000000000000000000000000001', '-0.00000000000000000000000000000000000001'], [() => big, '18446744073709551615', '18446744073709551615'],
    [() => float, -1.5, '-1.5'], [() => float, 1e-7, '1e-7'], [() => float, null, ''], [() => decimal, null, ''],
  ])('a number is as it is: %s %s', async (column, value, want) => {
    expect(await cell(column(), value)).toBe(want)
  })

  test('a name in a trailer cannot be a row: a text that is one is defused or quoted', async () => {
    expect(await cell(text, '#polo')).toBe('#polo') // the trailer alone has rows= after it
  })

  test('lists and maps are JSON', async () => {
    const { columns } = named('resource_list')
    const map = columns.findIndex((c) => c.type.startsWith('Map'))
    network.clickhouse = () => rows(columns.map((_, i) => (i === map ? { '=a': 'b"c' } : null)))
    expect((await call('/api/query/resource_list?format=csv')).text).toContain('"{""=a"":""b\\""c""}"')
  })

  test('true and false are words', async () => {
    const { columns } = named('cost_anomalies')
    network.clickhouse = () => rows(columns.map((c) => (c.type === 'Bool' ? true : '')))
    expect((await call('/api/query/cost_anomalies?format=csv')).text).toContain(',true,')
  })
})

describe('the format', () => {
  test.each<[string | null, string, string]>([
    [null, '', 'application/json'], ['*/*', '', 'application/json'], ['application/json', '', 'application/json'], ['text/csv', '', 'text/csv'], ['application/x-ndjson', '', 'application/x-ndjson'],
    ['TEXT/CSV', '', 'text/csv'], ['text/*', '', 'text/csv'], ['text/html, */*;q=0.1', '', 'application/json'], ['application/json;q=0.5, text/csv', '', 'text/csv'], ['text/csv;q=0, application/json;q=0.1', '', 'application/json'],
    ['text/csv;header=present', '', 'text/csv'], ['text/html', '?format=csv', 'text/csv'], ['text/csv', '?format=json', 'application/json'], ['text/csv', '?format=ndjson', 'application/x-ndjson'],
  ])('of Accept %s and %s is %s', async (accept, search, want) => {
    const answer = await call(`/api/query/rules${search}`, accept === null ? {} : { headers: { Accept: accept } })
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, want])
  })

  test.each<[string, string]>([
    ['text/html', ''], ['text/csv;q=0', ''], ['application/json;q=x', ''], ['*/*', '?format=xml'], ['*/*', '?format='], ['*/*', '?format=JSON'], ['*/*', '?format=toString'], ['*/*', '?format=__proto__'],
  ])('of Accept %s and %s is none', async (accept, search) => {
    expect(verdict(await call(`/api/query/rules${search}`, { headers: { Accept: accept } }))).toEqual([406, 'not_acceptable'])
    expect(network.asked).toEqual([])
  })

  test('of a POST is in its address too', async () => {
    const answer = await call('/api/query/rules?format=ndjson', { method: 'POST', body: '{"params":{"limit":2}}', headers: { 'Content-Type': 'application/json' } })
    expect([answer.text, answer.headers.get('Cache-Control')]).toEqual(['{"polo":{"rows":0,"truncated":false}}\n', 'no-store'])
  })
})

describe('methods', () => {
  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s is none', async (method) => {
    for (const [path, allow] of [['/api/query/rules', 'GET, HEAD, POST'], ['/api/queries', 'GET, HEAD'], ['/api/me', 'GET, HEAD'], ['/api/none', 'GET, HEAD']]) {
      const answer = await call(path!, { method })
      expect(verdict(answer)).toEqual([405, 'method_not_allowed'])
      expect(answer.headers.get('Allow')).toBe(allow)
    }
    expect(network.asked).toEqual([])
  })

  test('POST is one of queries alone', async () => {
    for (const path of ['/api/queries', '/api/me', '/api/health', '/api/openapi.json']) expect(verdict(await call(path, { method: 'POST', body: '{}' }))).toEqual([405, 'method_not_allowed'])
  })

  test.each(['/api/me', '/api/queries', '/api/openapi.json', '/api/health', '/api/query/rules', '/api/none', '/api/query/rules?limit=0'])('HEAD is a GET without a body: %s', async (path) => {
    const [get, head] = [await call(path), await call(path, { method: 'HEAD' })]
    expect([head.status, head.text]).toEqual([get.status, ''])
    for (const name of ['Content-Type', 'Polo-Truncated', 'Allow', 'Vary']) expect(head.headers.get(name)).toBe(get.headers.get(name))
  })

  test('HEAD of an export leaves no query running', async () => {
    let left = false
    network.clickhouse = () => new Response(new ReadableStream({ pull: (out) => out.enqueue(new TextEncoder().encode('{"rule":"a"}\n')), cancel: () => { left = true } }))
    const answer = await call('/api/query/rules?format=ndjson', { method: 'HEAD' })
    expect([answer.status, answer.text, left]).toEqual([200, '', true])
  })
})

describe('addresses', () => {
  test.each(['/api/', '/api/unknown', '/api/me/', '/api//me', '/api/queries/x', '/api/query', '/api/query/rules/', '/api/query/rules/x', '/api/me%00'])('%s is none', async (path) => {
    expect(verdict(await call(path))).toEqual([404, 'not_found'])
  })

  test('/api/queries tells of every query', async () => {
    const { json, headers } = await call('/api/queries')
    expect(json.queries.map((q: { name: string }) => q.name)).toEqual(all.map((q) => q.name))
    expect(headers.get('Cache-Control')).toBe('private, max-age=300')
    const got = json.queries.find((q: { name: string }) => q.name === 'cost_by_dimension')
    expect(got).toMatchObject({ title: dimension.title, group: 'cost', description: dimension.text, rows: 1000, max_rows: 5000, cache_seconds: 60, columns: dimension.columns, sql: dimension.sql })
    expect(got.params.find((p: { name: string }) => p.name === 'by')).toEqual({ name: 'by', type: 'String', default: 'service', in: dimension.params.find((p) => p.name === 'by')!.in, description: expect.any(String) })
  })
})

describe('an answer has an id', () => {
  beforeEach(() => { network.clickhouse = () => rows() })
  test('of its own', async () => {
    const ids = [...(await Promise.all([1, 2, 3].map(() => call('/api/query/rules')))), await call('/api/none')].map((a) => a.headers.get('Polo-Request-Id'))
    expect(new Set(ids).size).toBe(4)
  })

  test('that the client does not choose', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    expect((await call('/api/me', { headers: { 'Polo-Request-Id': id, 'X-Request-Id': id } })).headers.get('Polo-Request-Id')).not.toBe(id)
  })

  test('that names its query to ClickHouse', async () => {
    const answer = await call('/api/query/rules')
    expect(network.asked[0]!.url.searchParams.get('query_id')).toBe(`polo-${answer.json.request_id}`)
  })
})
