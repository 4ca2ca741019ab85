// Queries: any query from a form, and the same question elsewhere gives the same rows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTable } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()

test('all queries are listed, and found by a word', async (t) => {
  const tab = await chromium.open(t, '/queries')
  const { queries } = await (await tab.context.request.get('/api/queries')).json()
  const links = tab.page.locator('main li a code')
  assert.deepEqual((await links.allInnerTexts()).sort(), queries.map((q) => q.name).sort())
  await tab.page.getByRole('searchbox').fill('refused')
  assert.ok((await links.allInnerTexts()).includes('activity_denied'))
  assert.equal(tab.param('q'), 'refused')
})

test('a form: what is typed is asked, and is in the address', async (t) => {
  const tab = await chromium.open(t, '/queries/cost_by_dimension')
  assert.equal(tab.asked.filter((p) => p.startsWith('/api/query/cost_by_dimension')).length, 0, 'it is not asked before it is run')
  await tab.page.getByLabel(/^by/).selectOption('customer')
  await tab.page.getByLabel(/^from/).fill('month-1m')
  await tab.page.getByLabel(/^until/).fill('month')
  await tab.act(tab.page.getByRole('button', { name: 'Run' }).click())
  assert.deepEqual(['by', 'from', 'until', 'run'].map((name) => tab.param(name)), ['customer', 'month-1m', 'month', '1'])
  const { rows } = await chromium.polo.query('cost_by_dimension', { by: 'customer', from: 'month-1m', until: 'month' })
  const table = await readTable(tab, 'Answer of cost_by_dimension')
  assert.deepEqual(table.rows.map((cells) => cells[0].text), rows.map((r) => r.value))
})

test('a fault is told beside the field', async (t) => {
  const tab = await chromium.open(t)
  tab.expects(/status of 400/)
  await tab.go('/queries/cost_by_dimension?by=customer&top=0&run=1')
  const field = tab.page.locator('input[aria-invalid="true"]')
  assert.equal(await field.inputValue(), '0')
  assert.match(await tab.page.locator('.field', { has: field }).innerText(), /1/)
})

for (const [name, params] of [
  ['cost_by_dimension', { by: 'customer', from: 'month-1m', until: 'month' }],
  ['cost_compare', { by: 'service', customer: 'acme' }],
  ['resource_list', { customer: '(none)', limit: '20' }],
  ['resource_facets', {}],
  ['activity_denied', { since: 'today-7d' }],
  ['rule_violations', { severity: 'high,critical' }],
]) {
  test(`the same as SQL: ${name}`, async (t) => {
    const tab = await chromium.open(t, `/queries/${name}?${new URLSearchParams({ ...params, as: 'sql' })}`)
    const sql = await tab.page.getByRole('region', { name: 'The question for sql' }).innerText()
    const { rows } = await chromium.polo.query(name, params)
    const plain = (row) => JSON.stringify(Object.values(row).map((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v))).map((v) => v.replace(/(\.\d*?)0+$/, '$1')))
    const same = (await chromium.polo.sql(sql.replace(/;\s*$/, ''))).slice(0, rows.length)
    assert.deepEqual(same.map((r) => Object.keys(r))[0], Object.keys(rows[0] ?? same[0] ?? {}))
    assert.deepEqual(same.map(plain), rows.map(plain))
  })
}
