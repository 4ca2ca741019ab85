// The address holds all state: links keep the filters, and back, forward, a reload and another tab show the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exact } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const filtered = '/cost?by=account&customer=acme&from=month-1m&until=month'

/** What a person reads of the page, with the choices of its forms. */
async function read(tab) {
  await tab.settled()
  const text = await tab.page.locator('main').innerText()
  const choices = await tab.page.locator('main select').evaluateAll((all) => all.map((e) => e.value))
  return { title: await tab.page.title(), text: text.replace(/\d+ (d|h|min|s)( \d+ (h|min|s))?|just now/g, 'some time'), choices }
}

test('a click on a value narrows to it, and the filters that hold stay', async (t) => {
  const tab = await chromium.open(t, filtered)
  const row = tab.page.getByRole('region', { name: 'Cost by account', exact: true }).getByRole('row').nth(1)
  const cost = exact(await row.locator('.money').first().getAttribute('title'))
  await tab.act(row.getByRole('link').click())
  assert.match(tab.param('account'), /^\d{12}$/)
  for (const [name, value] of [['customer', 'acme'], ['from', 'month-1m'], ['until', 'month']]) assert.equal(tab.param(name), value, name)
  assert.equal(exact(await tab.page.locator('main dd .money').first().getAttribute('title')), cost, 'the total of what was clicked is the amount beside it')
})

test('the navigation keeps period and filters, and ends what belongs to a page', async (t) => {
  const tab = await chromium.open(t, `${filtered}&top=20&cost.sort=before:desc`)
  for (const name of ['Anomalies', 'Inventory', 'Changes', 'Rules', 'Data', 'Queries', 'Home', 'Cost']) {
    await tab.act(tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click())
    for (const [of, value] of [['customer', 'acme'], ['from', 'month-1m'], ['until', 'month']]) assert.equal(tab.param(of), value, `${of} on ${name}`)
    for (const of of ['by', 'top', 'cost.sort']) assert.equal(tab.param(of), null, `${of} on ${name}`)
  }
})

test('back and forward restore each step', async (t) => {
  const tab = await chromium.open(t, '/cost')
  const steps = [
    () => tab.page.getByRole('combobox', { name: 'By', exact: true }).selectOption('customer'),
    () => tab.page.getByRole('region', { name: 'Cost by customer' }).getByRole('link', { name: 'acme' }).click(),
    () => tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Changes' }).click(),
    () => tab.page.getByRole('navigation', { name: 'View' }).getByRole('link', { name: 'Denied' }).click(),
  ]
  const seen = [{ address: tab.address, ...(await read(tab)) }]
  for (const step of steps) {
    await tab.act(step())
    seen.push({ address: tab.address, ...(await read(tab)) })
  }
  assert.equal(new Set(seen.map((s) => s.address)).size, seen.length, 'each step has an address of its own')
  for (const before of seen.slice(0, -1).reverse()) {
    await tab.act(tab.page.goBack())
    assert.deepEqual({ address: tab.address, ...(await read(tab)) }, before)
  }
  for (const after of seen.slice(1)) {
    await tab.act(tab.page.goForward())
    assert.deepEqual({ address: tab.address, ...(await read(tab)) }, after)
  }
})

const deep = [
  '/cost?by=customer&top=20&step=week&compare=before&movers=usage_type&cost.sort=before:desc&cost.columns=value,after,percent&from=month-2m&until=month',
  '/inventory?customer=acme&state=running&size=50&list.sort=region:asc',
  '/changes?view=lives&only=deleted&from=month-2m&until=today%2B1d',
  '/anomalies?grain=service',
  '/rules?view=rules&severity=high',
  '/data?scopes=late&days=90&tags_by=service',
]
for (const path of deep) {
  test(`a reload, and another tab, show the same: ${path.split('?')[0]}`, async (t) => {
    const tab = await chromium.open(t, path)
    const first = await read(tab)
    await tab.page.reload()
    assert.deepEqual(await read(tab), first, 'after a reload')
    const other = await chromium.open(t, tab.address)
    assert.deepEqual(await read(other), first, 'in another tab')
  })
}

test('what is chosen without links is in the address too: sort, columns, period, a filter', async (t) => {
  const tab = await chromium.open(t, '/cost')
  const table = tab.page.getByRole('region', { name: 'Cost by service', exact: true })
  await tab.act(table.getByRole('button', { name: /^Period before/ }).click())
  assert.equal(tab.param('cost.sort'), 'before:desc')
  await tab.tile('By service').getByRole('button', { name: 'Columns' }).click()
  await tab.act(tab.page.getByRole('checkbox', { name: 'Change', exact: true }).first().uncheck())
  assert.ok(tab.param('cost.columns').startsWith('value'), tab.param('cost.columns'))
  await tab.page.keyboard.press('Escape')
  await tab.page.getByRole('button', { name: /^Period, / }).click()
  await tab.act(tab.page.getByRole('link', { name: 'Last month' }).click())
  assert.deepEqual([tab.param('from'), tab.param('until')], ['month-1m', 'month'])
  await tab.page.getByRole('button', { name: 'Add a filter' }).click()
  await tab.page.getByLabel('Narrow by').selectOption('region')
  await tab.page.getByRole('checkbox', { name: 'us-east-1' }).check()
  await tab.page.getByRole('checkbox', { name: '(none)' }).check()
  await tab.act(tab.page.getByRole('button', { name: 'Apply' }).click())
  assert.deepEqual(tab.param('region').split(',').sort(), ['(none)', 'us-east-1'])
  assert.equal(tab.param('cost.sort'), 'before:desc', 'the sort stays')
  const same = await read(tab)
  await tab.page.reload()
  assert.deepEqual(await read(tab), same)
  await tab.act(tab.page.getByRole('link', { name: /^Remove the filter Region/ }).click())
  assert.equal(tab.param('region'), null)
})

test('an address that makes no sense shows a page all the same', async (t) => {
  const tab = await chromium.open(t, '/cost?by=nonsense&top=-3&step=%00&from=2026-02-31&until=yesterday&cost.sort=nothing:up&cost.columns=,,&customer=%5B%22')
  assert.equal(await tab.page.getByRole('heading', { level: 1 }).innerText(), 'Cost')
})
