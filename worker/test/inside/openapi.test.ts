// The API's description is whole.
import { describe, expect, test } from 'vitest'
import { all } from '../../src/queries'
import { call } from '../fakes/worker'

const get = async () => (await call('/api/openapi.json')).json

describe('the description', () => {
  test('is JSON and the same as it is read, and is of the address that it was asked at', async () => {
    const answer = await call('/api/openapi.json')
    expect(answer.headers.get('Content-Type')).toBe('application/json')
    expect(JSON.stringify(answer.json)).toBe(answer.text)
    expect(answer.json.servers).toEqual([{ url: 'https://polo.example.com' }])
  })

  test('has every query, with its parameters and columns, and all else that there is', async () => {
    const { paths } = await get()
    expect(Object.keys(paths).sort()).toEqual(['/api/health', '/api/me', '/api/queries', ...all.map((q) => `/api/query/${q.name}`)].sort())
    for (const q of all) {
      const { get, post } = paths[`/api/query/${q.name}`]
      expect(get.parameters.map((p: { name: string }) => p.name)).toEqual([...q.params.map((p) => p.name), 'format', 'Polo-Tile'])
      expect(get.parameters.filter((p: { required?: boolean }) => p.required).map((p: { name: string }) => p.name)).toEqual(q.params.filter((p) => p.required).map((p) => p.name))
      expect(Object.keys(post.requestBody.content['application/json'].schema.properties.params.properties)).toEqual(q.params.map((p) => p.name))
      expect(Object.keys(get.responses[200].content['application/json'].schema.properties.rows.items.properties)).toEqual(q.columns.map((c) => c.name))
    }
  })

  test('has ids that differ, and no operation without security', async () => {
    const { paths, security } = await get()
    const operations = Object.values(paths).flatMap((p) => Object.values(p as object)) as { operationId: string; security?: unknown }[]
    expect(new Set(operations.map((o) => o.operationId)).size).toBe(operations.length)
    expect(security).toEqual([{ access: [] }])
    expect(operations.filter((o) => o.security)).toEqual([])
  })

  test('has every status that a refusal has', async () => {
    const { paths } = await get()
    expect(Object.keys(paths['/api/query/rules'].get.responses)).toEqual(['200', '400', '401', '404', '405', '406', '409', '413', '429', '500', '502', '503', '504'])
  })

  test('says that decimals and integers of 64 bits are strings', async () => {
    const { paths } = await get()
    const { properties } = paths['/api/query/cost_by_dimension'].get.responses[200].content['application/json'].schema.properties.rows.items
    expect([properties.cost.type, properties.lines.type, properties.percent.type]).toEqual(['string', 'string', ['number', 'null']])
  })

  test('knows the type of every column', async () => {
    const known = /^(Nullable\()?(String|UUID|Bool|Date32|DateTime\('UTC'\)|DateTime64\(3, 'UTC'\)|U?Int(8|16|32|64)|Float64|Decimal\(\d+, \d+\))\)?$|^Array\(String\)$|^Map\(String, String\)$/
    expect(all.flatMap((q) => q.columns).map((c) => c.type).filter((t) => !known.test(t))).toEqual([])
  })
})
