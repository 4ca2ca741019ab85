import { describe, expect, test } from 'vitest'
import { copied } from '../../app/src/lib/columns'

describe('a copied cell', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '"=1+1"'])('of text that begins like a formula, %s, is text', (text) => expect(copied(text, { name: 'value', type: 'String' })).toBe(`'${text}`))

  test.each(['Decimal(76, 38)', 'Nullable(Int64)', 'Float64'])('of a number of type %s keeps its sign', (type) => expect(copied('-1.5', { name: 'cost', type })).toBe('-1.5'))

  test.each([['\t=1', "' =1"], ['a\tb\r\nc', 'a b  c'], [null, ''], [['-a'], '["-a"]'], ['(none)', '(none)']])('%j is %j', (value, text) => expect(copied(value, { name: 'value', type: 'String' })).toBe(text))
})
