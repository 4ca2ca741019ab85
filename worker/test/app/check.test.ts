import { expect, test } from 'vitest'
import { check } from '../../app/src/pages/cost/check'

test.each([
  ['rows that add up', '0.30', '0.3', false, [], 'adds up to the total, exactly'],
  ['rows that were cut', '1', '3', true, [], 'differs from the total by -2 USD: rows are missing'],
  ['rows of another moment', '3', '1', false, [], 'differs from the total by 2 USD: data came in between; load again'],
  ['a currency without a total', '3', undefined, false, [], ''],
  ['rows under fewer filters', '3', '1', true, ['region', 'cluster'], 'not comparable with the total: not narrowed by region, cluster'],
  ['rows under fewer filters that add up by chance', '1', '1', false, ['region'], 'not comparable with the total: not narrowed by region'],
])('%s', (_name, sum, total, truncated, loose, says) => expect(check(sum, total, 'USD', truncated, loose)).toBe(says))
