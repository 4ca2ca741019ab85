import { describe, expect, test } from 'vitest'
import { missingRates, tableOf, usualTarget } from '../../app/src/pages/cost/converted'

const row = (month: string, platform: string, currency: string, cost: string, converted: string | null, unconverted: string, lines: object = {}) => ({ month, platform, currency, cost, converted, unconverted, converted_currency: 'USD', lowest_rate: null, highest_rate: null, estimated_lines: '0', partial_lines: '0', ...lines })

const rows = [
  row('2026-11-01', 'aws', 'USD', '0.1', '0.1', '0'),
  row('2026-11-01', 'cloudflare', 'EUR', '30', '11', '20', { estimated_lines: '1', lowest_rate: '1.1', highest_rate: '1.1' }), // 10 of it at 1.1
  row('2026-11-01', 'aws', 'EUR', '7', null, '7'),
  row('2026-10-01', 'datadog', 'GBP', '5', null, '5', { partial_lines: '2' }),
  row('2026-10-01', 'aws', 'USD', '9007199254740993.00000000000000000000000000000000000001', '9007199254740993.00000000000000000000000000000000000001', '0'), // beyond what a Number holds
]

describe('costs in one currency', () => {
  const table = tableOf(rows)

  test('are a table of months, the latest first, and platforms', () => {
    expect(table.platforms).toEqual(['aws', 'cloudflare', 'datadog'])
    expect(table.lines.map((l) => l.month)).toEqual(['2026-11-01', '2026-10-01'])
    expect(table.lines.map((l) => l.cells.map((c) => c?.own.map((a) => `${a.total} ${a.currency}`) ?? null))).toEqual([
      [['7 EUR', '0.1 USD'], ['30 EUR'], null],
      [['9007199254740993.00000000000000000000000000000000000001 USD'], null, ['5 GBP']],
    ])
  })

  test('sum what is converted alone, to the last digit, and tell the rest in its own currency', () => {
    expect(table.lines.map((l) => [l.sum.converted, l.sum.unconverted])).toEqual([
      ['11.1', [{ currency: 'EUR', total: '27' }]],
      ['9007199254740993.00000000000000000000000000000000000001', [{ currency: 'GBP', total: '5' }]],
    ])
    expect(table.total.sum.converted).toBe('9007199254741004.10000000000000000000000000000000000001')
    expect(table.total.sum.unconverted).toEqual([{ currency: 'EUR', total: '27' }, { currency: 'GBP', total: '5' }])
    expect(table.total.cells.map((c) => c?.converted ?? null)).toEqual(['9007199254740993.10000000000000000000000000000000000001', '11', null])
  })

  test('say what may change and what is missing', () => expect(table.lines.map((l) => [l.sum.estimated, l.sum.partial])).toEqual([[true, false], [false, true]]))

  test('tell money that is not converted although it adds up to nothing', () => {
    const { total } = tableOf([row('2026-11-01', 'aws', 'EUR', '3', null, '3'), row('2026-11-01', 'github', 'EUR', '-3', null, '-3')])
    expect([total.sum.converted, total.sum.unconverted]).toEqual([null, [{ currency: 'EUR', total: '0' }]])
  })

  test('tell the rates where one currency is converted', () => {
    const at = (currency: string, low: string, high: string) => row('2026-11-01', 'aws', currency, '1', '1', '0', { lowest_rate: low, highest_rate: high })
    expect(table.lines.map((l) => l.cells.map((c) => c?.rates ?? null))).toEqual([[null, { low: '1.1', high: '1.1' }, null], [null, null, null]])
    expect(tableOf([at('JPY', '9.5', '9.75'), at('JPY', '10', '10.5'), at('USD', '1', '1')]).total.sum.rates).toEqual({ low: '9.5', high: '10.5' })
    expect(tableOf([at('JPY', '9.5', '10'), at('EUR', '1', '1')]).total.sum.rates).toBe(null)
  })

  test('of nothing are nothing', () => expect(tableOf([])).toEqual({ platforms: [], lines: [], total: { month: '', cells: [], sum: { own: [], converted: null, unconverted: [], rates: null, estimated: false, partial: false } } }))

  test.each([
    ['from before the months', '2026-10-01', ['polo fx set GBP USD 2026-10-01 RATE --author NAME', 'polo fx set EUR USD 2026-11-01 RATE --author NAME']],
    ['from within one', '2026-10-20', ['polo fx set GBP USD 2026-10-20 RATE --author NAME', 'polo fx set EUR USD 2026-11-01 RATE --author NAME']],
  ])('need a rate for each month and currency that lacks one, %s', (_name, from, commands) => expect(missingRates(rows, 'USD', from)).toEqual(commands))

  test('need none where all is converted', () => expect(missingRates(rows.slice(0, 1), 'USD', '2026-01-01')).toEqual([]))

  test.each([[[], 'USD'], [['EUR'], 'EUR'], [['EUR', 'GBP'], 'USD'], [['EUR', 'USD'], 'USD']])('of %j are converted to %s', (seen, to) => expect(usualTarget(seen)).toBe(to))
})
