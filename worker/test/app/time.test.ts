import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodeList, encodeList } from '../../app/src/lib/list'
import * as time from '../../app/src/lib/time'

// The zone farthest from UTC: a day that is read as local time is off by one here.
process.env.TZ = 'Pacific/Kiritimati'

describe('days', () => {
  test.each([['today-29d', '2026-11-02'], ['month-1m', '2026-11-01'], ['2026-11-30', '2026-11-30']])('%s counts from the day that it is given: %s', (text, day) => expect(time.resolveDay(text, '2026-12-01')).toBe(day))

  afterEach(() => void vi.useRealTimers())

  test.each([['2026-02-29', false], ['2028-02-29', true], ['2026-13-01', false], ['2026-1-01', false], ['', false]])('%s is a day: %s', (text, is) => expect(time.isDay(text)).toBe(is))

  test.each([
    ['today', '2028-03-31'], ['today-30d', '2028-03-01'], ['month', '2028-03-01'], ['month-1m', '2028-02-01'], ['month+1m', '2028-04-01'], ['month+3d', '2028-03-04'],
    ['2026-11-30', '2026-11-30'], ['today-1m', null], ['yesterday', null],
  ])('%s is %s', (text, day) => {
    vi.useFakeTimers({ now: Date.UTC(2028, 2, 31, 23, 59) })
    expect(time.resolveDay(text)).toBe(day)
  })

  test.each([
    ['2026-11-01', '2026-12-01', '1–30 Nov 2026'], ['2026-11-30', '2026-12-01', '30 Nov 2026'], ['2026-10-15', '2026-11-15', '15 Oct – 14 Nov 2026'],
    ['2025-12-31', '2026-01-02', '31 Dec 2025 – 1 Jan 2026'],
  ])('%s until %s is shown as %s', (from, until, shown) => expect(time.showPeriod(from, until)).toBe(shown))

  test('a day stays itself in every zone', () => {
    expect(new Date(0).getHours()).not.toBe(0) // the zone is set
    expect(time.addDays('2026-03-01', -1)).toBe('2026-02-28')
    expect(time.showTime('2026-11-30 23:59:59.999')).toBe('30 Nov 2026 23:59')
    expect(time.weekday('2026-11-30')).toBe('Mon')
    expect(time.daysBetween('2026-10-01', '2026-11-01')).toBe(31)
  })

  test.each([[0, '0 s'], [59, '59 s'], [60, '1 min'], [3_661, '1 h 1 min'], [90_000, '1 d 1 h'], [-90, '\u22121 min 30 s']])('%s s are shown as %s', (seconds, shown) => expect(time.showDuration(seconds)).toBe(shown))
})

describe('lists', () => {
  test.each([[[]], [['a']], [['a', 'b']], [['a,b', 'c']], [['']], [['[x']], [[' a']], [['"']]])('%j comes back', (values) => {
    expect(decodeList(encodeList(values))).toEqual(values)
  })
})
