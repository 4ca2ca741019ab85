// A newer request of the same caller and tile takes the place of an older one, and of no other.
import { describe, expect, test } from 'vitest'
import { person, service } from '../fakes/tokens'
import { call, key, network, seconds, verdict } from '../fakes/worker'

const ann = await key.token(person(seconds()))
const annAgain = await key.token(person(seconds(), { exp: seconds() + 60, identity_nonce: 'another session' }))
const bob = await key.token(person(seconds(), { email: 'bob@example.com' }))
const robot = await key.token(service(seconds()))
/** A service whose name is a person's address. */
const annRobot = await key.token(service(seconds(), { common_name: 'ann@example.com' }))

async function queryID(token: string, tile?: string, path = '/api/query/rules'): Promise<string> {
  expect((await call(path, { token, headers: tile === undefined ? {} : { 'Polo-Tile': tile } })).status).toBe(200)
  return network.asked.pop()!.url.searchParams.get('query_id')!
}

describe('the id of a query', () => {
  test("is that of the caller's tile", async () => {
    const id = await queryID(ann, 'cost')
    expect(id).toMatch(/^polo-tile-[0-9a-f]{32}$/)
    expect(await queryID(ann, 'cost')).toBe(id)
    expect(await queryID(annAgain, 'cost', '/api/query/accounts?format=csv'), 'whatever is asked, in any session').toBe(id)
  })

  test('is another for another tile or caller', async () => {
    const ids = await Promise.all([queryID(ann, 'cost'), queryID(ann, 'Cost'), queryID(ann, 'cost.'), queryID(bob, 'cost'), queryID(robot, 'cost'), queryID(annRobot, 'cost')])
    expect(new Set(ids).size).toBe(6)
  })

  test('is new for each request without a tile', async () => {
    expect(await queryID(ann)).not.toBe(await queryID(ann))
  })

  test('tells nothing of the caller', async () => {
    expect(await queryID(ann, 'ann')).not.toMatch(/ann|example/)
  })

  test.each(['', ' ', 'a b', 'a/b', "a'", 'a,b', 'x'.repeat(65), '../x', '*'])('is not made of the tile %j', async (tile) => {
    expect(verdict(await call('/api/query/rules', { headers: { 'Polo-Tile': tile } }))).toEqual([400, 'bad_request'])
    expect(network.asked).toEqual([])
  })

  test.each(['a', 'x'.repeat(64), 'A-z_0.9', '__proto__', '..'])('may be made of the tile %j', async (tile) => {
    expect(await queryID(ann, tile)).toMatch(/^polo-tile-/)
  })
})

describe('a client that leaves', () => {
  test.each(['json', 'csv', 'ndjson'])('ends its query: %s', async (format) => {
    const client = new AbortController()
    let signal: AbortSignal | null | undefined
    network.clickhouse = ({ init }) => {
      signal = init.signal
      queueMicrotask(() => client.abort())
      return new Promise(() => {})
    }
    expect(verdict(await call(`/api/query/rules?format=${format}`, { signal: client.signal }))).toEqual([409, 'replaced'])
    expect(signal?.aborted).toBe(true)
  })

  test('ends the question of its health too', async () => {
    const client = new AbortController()
    network.clickhouse = () => (queueMicrotask(() => client.abort()), new Promise(() => {}))
    expect(verdict(await call('/api/health', { signal: client.signal }))).toEqual([409, 'replaced'])
  })
})
