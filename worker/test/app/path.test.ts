import { describe, expect, test } from 'vitest'
import { decodePart, pathOf } from '../../app/src/lib/path'

const origin = 'https://polo.example'

describe('paths', () => {
  test.each([
    ['/', '/'], ['/cost', '/cost'], ['/queries/a//b', '/queries/a//b'], ['//evil.example/cost', '/evil.example/cost'], ['///evil.example', '/evil.example'], ['/\\evil.example', '/evil.example'],
  ])('%s is %s, and a link to it stays on the site', (given, path) => {
    const found = pathOf(new URL(origin + given))
    expect(found).toBe(path)
    expect(new URL(found, origin).origin).toBe(origin)
  })

  test.each([['cost_series', 'cost_series'], ['a%20b', 'a b'], ['', ''], ['%zz', null], ['%E0%A4', null]])('%j is decoded to %j', (text, decoded) => expect(decodePart(text)).toBe(decoded))
})
