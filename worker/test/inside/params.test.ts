// Values of parameters: what is no value is refused before ClickHouse is asked, and what is one reaches it as a parameter.
import { describe, expect, test } from 'vitest'
import { all, named } from '../../src/queries'
import { call, faults, network, post, verdict } from '../fakes/worker'

const get = (query: string, values: Record<string, string> | [string, string][] = {}) => call(`/api/query/${query}?${new URLSearchParams(values)}`)

/** What ClickHouse was asked: the parameters of the statement, without param_. */
function sent(): Record<string, string> {
  expect(network.asked).toHaveLength(1)
  return Object.fromEntries([...network.asked[0]!.url.searchParams].filter(([n]) => n.startsWith('param_')).map(([n, v]) => [n.slice('param_'.length), v]))
}

describe('names', () => {
  const settings = ['query', 'query_id', 'user', 'password', 'role', 'database', 'default_format', 'wait_end_of_query', 'session_id', 'quota_key', 'max_execution_time', 'max_result_rows', 'readonly', 'final', 'compress', 'decompress', 'replace_running_query', 'http_headers_progress_interval_ms', 'output_format_json_quote_64bit_integers', 'log_comment', 'param_limit', 'param_from', 'param_x', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '', ' limit', 'limit ', 'LIMIT', 'limit\0', 'limit[]']

  test.each(settings)('that are no parameter are refused: %j', async (name) => {
    for (const answer of [await get('cost_by_dimension', { [name]: '1' }), await post('cost_by_dimension', `{"params":{${JSON.stringify(name)}:"1"}}`)]) {
      expect(verdict(answer)).toEqual([400, 'bad_parameter'])
      expect(faults(answer)).toEqual([name])
    }
    expect(network.asked).toEqual([])
  })

  test.each([
    ['limit=1&limit=2'], ['limit=1&limit=1'], ['format=json&format=csv'], ['customer=a&customer=b'], ['limit=1&lim%69t=5000'],
  ])('that come twice are refused: %s', async (search) => {
    expect(verdict(await call(`/api/query/cost_by_dimension?${search}`))).toEqual([400, 'bad_parameter'])
    expect(network.asked).toEqual([])
  })

  test('at fault are told together', async () => {
    const answer = await get('cost_by_dimension', { from: 'x', top: '0', limit: '-1', by: 'owner', nothing: '1' })
    expect(faults(answer)).toEqual(['by', 'from', 'limit', 'nothing', 'top'])
  })

  test('that are many make no large answer', async () => {
    const params = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, '']))
    const answer = await post('cost_by_dimension', { params })
    expect(answer.status).toBe(400)
    expect(answer.text.length).toBeLessThan(50_000)
  })

  test('of queries that are none are unknown', async () => {
    for (const name of ['none', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'COST_BY_DIMENSION', 'cost_by_dimension%00', '..', '%2e%2e', 'cost_by_dimension;drop', 'x'.repeat(5000)]) {
      const answer = await call(`/api/query/${name}`)
      expect(answer.status, name).toBe(404)
      expect(answer.text.length).toBeLessThan(400)
    }
    expect(network.asked).toEqual([])
  })
})

describe('values that cannot be', () => {
  const cases: [query: string, param: string, ...values: string[]][] = [
    ['cost_by_dimension', 'from', '2026-13-45', '2026-02-30', '2026-00-01', '2026-1-1', '26-01-01', '2026-01-01T00:00:00Z', 'yesterday', '', 'today-', 'today+1y', 'now()', '1767225600', '1999-12-31', '9999-12-31', '٢٠٢٦-01-01', '2026-01-01 ', '\n2026-01-01', 'today-99999999d'],
    ['cost_by_dimension', 'until', '2026-02-29', 'null', 'NULL'],
    ['resource_timeline', 'since', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-01-01T00:00:00', '2026-01-01T00:00:00+25:00', '2026-01-01T00:00:00+00:61', '2026-01-01 00:00', 'now-1s', "now'"],
    ['cost_forecast', 'days', '300', '256', '0', '91', '-1', '1.5', 'NaN', 'Infinity', '1e1', '0x10', '', ' 14', '14 ', '+14', '１４', '1_0', '9'.repeat(81)],
    ['cost_by_dimension', 'limit', '0', '5001', '4294967296', '-0.0', 'all', '1;', '1 OFFSET 1'],
    ['cost_anomalies', 'least', 'NaN', 'inf', '-1', '1e3', '1,5', '1000000000000.1', '.5', '5.', `0.${'1'.repeat(39)}`],
    ['health_idle', 'cpu', '0.001', '100.01'],
    ['cost_by_dimension', 'by', 'owner', 'Service', '', 'service,account', "service' OR 1=1", '__proto__', 'constructor'],
    ['health_bills', 'only_counting', '1', '0', 'TRUE', 'yes', ''],
    ['rule_violations', 'status', 'open|x', 'openx', 'xopen', '', 'open\n', '(open)'],
    ['resource_search', 'q', '', 'x'.repeat(201), 'a\0b'],
    ['cost_anomalies', 'kind', 'newer', 'new,', ',new', 'new, spike', '[1]', '["new"', '[["new"]]', '["new",null]'],
    ['cost_by_dimension', 'customer', 'x'.repeat(301), 'a\0'],
  ]
  const required: Record<string, Record<string, string>> = { resource_timeline: { arn: 'a' } }
  test.each(cases.flatMap(([query, param, ...values]) => values.map((v) => [query, param, v])))('%s: %s=%j', async (query, param, value) => {
    const answer = await get(query!, { ...required[query!], [param!]: value! })
    expect(verdict(answer)).toEqual([400, 'bad_parameter'])
    expect(faults(answer)).toContain(param)
    expect(answer.text.length).toBeLessThan(2000)
    expect(network.asked).toEqual([])
  })

  test('a required one is missing', async () => {
    expect(faults(await get('resource_get'))).toEqual(['arn'])
  })

  test('a period ends before it begins, or is too long', async () => {
    expect(faults(await get('cost_by_dimension', { from: '2026-02-01', until: '2026-02-01' }))).toEqual(['until'])
    expect(faults(await get('cost_by_dimension', { from: '2020-01-01', until: '2026-01-01' }))).toEqual(['until'])
  })

  test('as in Go, a time has an hour of one digit, a comma, many digits and a zone of up to a day', async () => {
    for (const [text, want] of [['2026-01-01 8:00:00', '2026-01-01 08:00:00.000'], ['2026-01-01 08:00:00,123', '2026-01-01 08:00:00.123'], ['2026-01-01T08:00:00.123456789123Z', '2026-01-01 08:00:00.123'], ['2026-01-01T00:00:00+24:00', '2025-12-31 00:00:00.000'], ['2026-01-01T00:00:00+00:60', '2025-12-31 23:00:00.000']]) {
      network.asked.length = 0
      expect((await get('resource_timeline', { arn: 'a', since: text!, until: '2026-02-01' })).status, text).toBe(200)
      expect(sent().since).toBe(want)
    }
  })

  test('half of a character in JSON', async () => {
    expect(faults(await post('resource_search', '{"params":{"q":"a\\ud800"}}'))).toEqual(['q'])
  })
})

describe('sizes', () => {
  test('a list has as many items as it may', async () => {
    const items = (n: number) => ({ params: { customer: Array.from({ length: n }, (_, i) => `c${i}`) } })
    expect((await post('cost_by_dimension', items(200))).status).toBe(200)
    expect(faults(await post('cost_by_dimension', items(201)))).toEqual(['customer'])
  })

  test('an address has 16,384 characters at most', async () => {
    const path = `/api/query/resource_search?q=`
    const room = 16_384 - `https://polo.example.com${path}`.length
    expect(verdict(await call(path + 'x'.repeat(room)))).toEqual([400, 'bad_parameter'])
    expect(verdict(await call(path + 'x'.repeat(room + 1)))).toEqual([413, 'too_large'])
  })

  test('a body has 262,144 bytes at most, whatever it says of its length', async () => {
    const of = (bytes: number) => `{"params":{}}${' '.repeat(bytes - 13)}`
    expect((await post('rules', of(262_144))).status).toBe(200)
    expect(verdict(await post('rules', of(262_145)))).toEqual([413, 'too_large'])
    // An endless one is not read to its end.
    let chunks = 0
    const endless = new ReadableStream({ pull: (out) => void (chunks++, out.enqueue(new Uint8Array(65_536).fill(32))) })
    expect(verdict(await call('/api/query/rules', { method: 'POST', body: endless, headers: { 'Content-Type': 'application/json' } }))).toEqual([413, 'too_large'])
    expect(chunks).toBeLessThan(10)
  })

  test('deep JSON is no parameter', async () => {
    expect((await post('rules', `{"params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).status).toBe(400)
    expect((await post('rules', `{"params":{"limit":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`)).status).toBe(400)
  })
})

describe('a body', () => {
  test.each([undefined, 'text/plain', 'text/plain; application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'application/json-patch+json', 'text/json', 'x-application/json'])('of the type %s is refused', async (type) => {
    const body = new TextEncoder().encode('{"params":{}}') // bytes bring no type of their own
    expect(verdict(await call('/api/query/rules', { method: 'POST', body, headers: type ? { 'Content-Type': type } : {} }))).toEqual([400, 'bad_request'])
    expect(network.asked).toEqual([])
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;x=y', 'application/json ; a'])('of the type %s is read', async (type) => {
    expect((await post('rules', '{"params":{"limit":7}}', { headers: { 'Content-Type': type } })).status).toBe(200)
    expect(sent().limit).toBe('7')
  })

  test.each(['', 'null', '[]', '1', '"x"', '{', '{"params":[]}', '{"params":"x"}', '{"params":1}', '{"Params":{}}', '{"params":{},"format":"csv"}', '{"params":{},"query":"SELECT 1"}', '{"params":{},"__proto__":{}}', 'limit=1', '\u{feff}x', '{"params":{}}{"params":{}}'])('of another shape is refused: %j', async (body) => {
    expect(verdict(await post('rules', body))).toEqual([400, 'bad_request'])
    expect(network.asked).toEqual([])
  })

  test.each(['null', '{}', '1.5', '1e400', '[1]', '[null]', '[["a"]]', '{"toString":"x"}', '9007199254740993'])('whose value is %s is refused', async (value) => {
    const answer = await post('cost_by_dimension', `{"params":{"customer":${value}}}`)
    expect(verdict(answer)).toEqual([400, 'bad_parameter'])
    expect(faults(answer)).toEqual(['customer'])
  })

  test.each([
    ['{}', '200'], ['{"params":{}}', '200'], ['{"params":null}', '200'], ['{"params":{"limit":12}}', '12'], ['{"params":{"limit":"12"}}', '12'],
    // As everywhere in JSON, the last of two counts; there is no second reader who could take the first.
    ['{"params":{"limit":1,"limit":2}}', '2'], ['{"params":{"nothing":1},"params":{"limit":3}}', '3'],
  ])('of %s is read', async (body, want) => {
    expect((await post('rules', body)).status).toBe(200)
    expect(sent().limit).toBe(want)
  })

  test('comes without parameters in the address', async () => {
    expect(verdict(await call('/api/query/rules?limit=1', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }))).toEqual([400, 'bad_request'])
  })
})

describe('text reaches ClickHouse as a parameter', () => {
  const attacks = ["' OR 1=1 --", "'; DROP TABLE polo.resource_events; --", '\\', "\\'", '{limit:UInt32}', '[[x]]', ']]', '{{by}}', '$&', '$1', '%27', '&user=default', '&param_limit=9', '#', '🦓', 'é', '\t', '\n', '\r\n', '"', '`', '\u0001', '\u2028', "a\\tb'\tc\n'\\"]
  /** ClickHouse's TSV, in which a parameter is written. */
  const tsv = (s: string) => s.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c]!)

  const texts = all.flatMap((q) => q.params.filter((p) => /String/.test(p.type) && !p.in && !p.pattern).map((p) => [q.name, p.name, p.type] as const))

  test('of which there are many', () => expect(texts.length).toBeGreaterThan(100))

  test.each(texts)('%s: %s', async (query, param, type) => {
    const q = named(query)
    const filtered = param.replace(/_value$/, '') // a tag's value does nothing without the tag
    const needed = Object.fromEntries(q.params.filter((p) => p.required || (p.name === filtered && filtered !== param)).map((p) => [p.name, 'x']))
    const list = type === 'Array(String)'
    const { max = '1000', items } = q.params.find((p) => p.name === param)!
    const fits = attacks.filter((a) => [...a].length <= Number(max)).slice(0, items)
    const plain = statement(await post(query, { params: { ...needed, [param]: list ? ['x'] : 'x' } }))
    for (const value of list ? [fits] : fits) {
      const answer = await post(query, { params: { ...needed, [param]: value } })
      expect(statement(answer), 'the statement does not depend on the text').toBe(plain)
      expect(sent()[param]).toBe(list ? `[${(value as string[]).map((v) => `'${tsv(v).replaceAll("'", "\\'")}'`).join(',')}]` : tsv(value as string))
      network.asked.length = 0
    }

    function statement(answer: { status: number }): string {
      expect(answer.status).toBe(200)
      const { body } = network.asked[0]!
      if (network.asked[0]!.url.searchParams.get(`param_${param}`)?.match(/^x$|^\['x'\]$/)) network.asked.length = 0
      return body
    }
  })

  test('as in a GET, so in a POST', async () => {
    const value = "a,b'\t\\"
    await get('cost_by_dimension', { customer: JSON.stringify([value]) })
    const first = sent().customer
    network.asked.length = 0
    await post('cost_by_dimension', { params: { customer: [value] } })
    expect([first, sent().customer]).toEqual(["['a,b\\'\\t\\\\']", "['a,b\\'\\t\\\\']"])
  })

  test('a list in an address is split at its commas', async () => {
    await get('cost_by_dimension', { customer: "o'neil,b" })
    expect(sent().customer).toBe("['o\\'neil','b']")
  })
})

describe('every query', () => {
  test.each(all.map((q) => q.name))('%s is asked of ClickHouse by its statement and parameters alone', async (name) => {
    const q = named(name)
    const needed = Object.fromEntries(q.params.filter((p) => p.required).map((p) => [p.name, 'x']))
    for (const [format, wait, as] of [['json', '1', 'JSONEachRow'], ['ndjson', '0', 'JSONEachRow'], ['csv', '0', 'JSONCompactEachRow']]) {
      expect((await get(name, { ...needed, format: format! })).status).toBe(200)
      const { url, method, headers, body, init } = network.asked.pop()!
      expect([url.origin, url.pathname, method, init.redirect]).toEqual(['https://ch-7d1.internal.example:8443', '/', 'POST', 'manual'])
      expect([...url.searchParams.keys()].sort()).toEqual(['query_id', 'default_format', 'wait_end_of_query', ...q.params.map((p) => `param_${p.name}`)].sort())
      expect([url.searchParams.get('default_format'), url.searchParams.get('wait_end_of_query')]).toEqual([as, wait])
      expect(url.searchParams.get('query_id')).toMatch(/^polo-[0-9a-f-]{36}$/)
      expect([...headers.keys()].sort()).toEqual(['content-type', 'x-clickhouse-key', 'x-clickhouse-user'])
      expect(body).toMatch(/LIMIT \{limit:UInt32\} \+ 1$/)
      // No placeholder of the catalogue's is left, and the words are the catalogue's.
      expect(body).not.toMatch(/\[\[|\{\{|\}\}/)
      const words = new Set([q.sql, ...q.params.flatMap((p) => (p.choices ?? []).flatMap((c) => [c.sql, c.label]))].join(' ').match(/[\w.]+/g))
      expect(body.match(/[\w.]+/g)!.filter((w) => !words.has(w))).toEqual([])
    }
  })
})

test('a value that nothing would read is refused', async () => {
  const answer = await call('/api/query/resource_list?tag_value=prod')
  expect(verdict(answer)).toEqual([400, 'bad_parameter'])
  expect(answer.json.error.faults).toEqual([{ param: 'tag_value', message: 'it does nothing without tag' }])
  expect(network.asked).toEqual([])
})
