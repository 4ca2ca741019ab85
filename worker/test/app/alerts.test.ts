import { describe, expect, test } from 'vitest'
import { evaluated } from '../../app/src/pages/alerts/evaluated'
import { matches, silenceCommand, silenceOf } from '../../app/src/pages/alerts/silence'

describe('silences', () => {
  test.each([
    ['stale_source', 'stale_source', true], ['stale', 'stale_source', false], ['stale_*', 'stale_source', true], ['*', '', true], ['*source', 'stale_source', true],
    ['a*a', 'a', false], ['a*b*c', 'a-b-c', true], ['a*b*c', 'acb', false], ['*b*', 'abc', true], ['', 'x', false], ['.*', 'x', false], ['a*ab', 'aab', true],
  ])('%j matches %j: %s', (pattern, text, is) => expect(matches(pattern, text)).toBe(is))

  const silence = (alert: string, labels: Record<string, string>, state = 'active', expires = '2026-12-01 10:00:00.000') => ({ alert, labels, state, expires })
  test('the one that ends last holds, of those that are active and match every label', () => {
    const long = silence('stale_*', { source: 'aws.*' }, 'active', '2026-12-01 12:00:00.000')
    const all = [silence('stale_source', {}), long, silence('*', {}, 'scheduled', '2027-01-01 00:00:00.000'), silence('stale_source', { source: 'github' }, 'active', '2027-01-01 00:00:00.000')]
    expect(silenceOf('stale_source', { source: 'aws.cur' }, all)).toBe(long)
    expect(silenceOf('cost_anomaly', {}, all)).toBeUndefined()
    expect(silenceOf('x', {}, [silence('*', { source: 'a' })])).toBeUndefined()
  })

  test('the command quotes what a shell would read', () => {
    expect(silenceCommand('stale_source', { source: 'aws.cur', customer: "o'neil & co", region: '*' })).toBe(
      `polo alerts silence stale_source --label source=aws.cur --label 'customer=o'\\''neil & co' --label 'region=*' --for 4h --reason "WHY" --author NAME`,
    )
  })
})

describe('evaluations', () => {
  const now = Date.UTC(2026, 11, 1, 12)
  const run = (scheduled: string, state: string) => ({ scheduled, state })
  test.each([
    ['no run', [], { last: null, stopped: true }],
    ['a run of now', [run('2026-12-01 11:55:00.000', 'finished')], { last: '2026-12-01 11:55:00.000', stopped: false }],
    ['15 minutes', [run('2026-12-01 11:45:00.000', 'finished')], { last: '2026-12-01 11:45:00.000', stopped: false }],
    ['longer', [run('2026-12-01 11:44:59.999', 'finished')], { last: '2026-12-01 11:44:59.999', stopped: true }],
    ['runs that evaluated nothing', [run('2026-12-01 11:59:00.000', 'claimed'), run('2026-12-01 11:58:00.000', 'yielded'), run('2026-12-01 11:00:00.000', 'finished')], { last: '2026-12-01 11:00:00.000', stopped: true }],
  ])('%s', (_name, runs, says) => expect(evaluated(runs, now)).toEqual(says))
})
