import { describe, expect, test } from 'vitest'
import { twiceOf } from '../../app/src/pages/cost/twice'

const row = (platform: string, currency: string, marketplace_cost: string, own_cost: string, twice = true) => ({ month: '2026-11-01', platform, currency, marketplace_cost, own_cost, twice })

describe('what two bills have', () => {
  const rows = [row('datadog', 'USD', '0.1', '7'), row('datadog', 'USD', '0.2', '8'), row('datadog', 'EUR', '5', '0', false), row('github', 'EUR', '3', '4')]

  test('is told of each platform and currency, with the filters that leave one out', () => {
    expect(twiceOf(rows, ['github', 'datadog', 'aws'])).toEqual([
      { platform: 'github', marketplace: [{ currency: 'EUR', total: '3' }], own: [{ currency: 'EUR', total: '4' }], withoutOwn: ['aws', 'datadog'], withoutAws: ['github', 'datadog'] },
      { platform: 'datadog', marketplace: [{ currency: 'USD', total: '0.3' }], own: [{ currency: 'USD', total: '15' }], withoutOwn: ['aws', 'github'], withoutAws: ['github', 'datadog'] },
    ])
  })

  test.each([
    ['AWS is left out', ['github', 'datadog']],
    ['the platforms are left out', ['aws', 'cloudflare']],
    ['there is AWS alone', ['aws']],
    ['nothing cost anything', []],
  ])('is no news where %s', (_name, counted) => expect(twiceOf(rows, counted)).toEqual([]))

  test('is not what one bill alone has', () => expect(twiceOf([row('datadog', 'USD', '5', '0', false)], ['aws', 'datadog'])).toEqual([]))
})
