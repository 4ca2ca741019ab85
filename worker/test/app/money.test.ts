import { describe, expect, test } from 'vitest'
import * as money from '../../app/src/lib/money'

describe('money', () => {
  test.each([
    [['0.1', '0.2'], '0.3'],
    [['9007199254740993', '1'], '9007199254740994'], // beyond what a Number holds
    [['0.00000000000000000000000000000000000001', '-0.00000000000000000000000000000000000001'], '0'],
    [['100', '-100.50'], '-0.5'],
    [[], '0'],
  ])('%j add up to %s', (texts, total) => expect(money.sum(texts)).toBe(total))

  test.each([
    ['1234.565', '1,234.56'], ['1234.575', '1,234.58'], ['-1234.565', '\u22121,234.56'], // half to even
    ['0.005', '<0.01'], ['-0.001', '>\u22120.01'], ['0', '0.00'], ['0.0051', '0.01'], ['999999.995', '1,000,000.00'], ['1e3', '1,000.00'], ['1.5E-1', '0.15'],
    ['99999999999999999999999999999999999999.125', '99,999,999,999,999,999,999,999,999,999,999,999,999.12'],
  ])('%s is shown as %s', (text, shown) => expect(money.show(text)).toBe(shown))

  test.each(['', '.', '-', 'NaN', '1,5', '0x1', ' 1', '1.2.3', 'Infinity'])('%j is no money', (text) => expect(() => money.parse(text)).toThrow('not a decimal'))

  test.each([
    ['1', '3', '33.3'], ['2', '3', '66.7'], ['-1', '3', '-33.3'], ['1', '0', null], ['0', '5', '0'], ['1', '-8', '-12.5'],
  ])('%s of %s is %s percent', (a, b, percent) => expect(money.percent(a, b)).toBe(percent))

  test.each([['0.005', '<0.01'], ['5', '+5.00'], ['-5', '\u22125.00'], ['0', '0.00']])('a change of %s is shown as %s', (text, shown) => expect(money.showSigned(text)).toBe(shown))

  test('currencies are not added', () => {
    const rows = [{ currency: 'USD', cost: '1.5' }, { currency: 'EUR', cost: '2' }, { currency: 'USD', cost: '0.25' }]
    expect(money.byCurrency(rows, (r) => r.cost)).toEqual([{ currency: 'EUR', total: '2' }, { currency: 'USD', total: '1.75' }])
  })

  test('compares as decimals, not as texts', () => {
    expect(['10', '9.5', '-1', '1e1'].sort(money.compare)).toEqual(['-1', '9.5', '10', '1e1'])
    expect(money.showExact('-1234.50')).toBe('\u22121,234.5')
    expect(money.difference('1', '0.9')).toBe('0.1')
  })
})
