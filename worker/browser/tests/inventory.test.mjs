// Inventory and Resource: counts, facets, names and costs are those that the command line gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sum } from '../lib/decimal.mjs'
import { opened, resource } from '../lib/pages.mjs'
import { assertTable, exact, money, text } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const ask = async (name, params) => (await chromium.polo.query(name, params)).rows

test('the count, the first page and the next', async (t) => {
  const tab = await chromium.open(t, '/inventory?size=50')
  const all = await ask('resource_list', { limit: 10000 })
  const shows = { Name: (cell, row, where) => assert.ok(cell.titles.includes(row.arn), `${where}: ${cell.titles}`), Type: text('resource_type'), Region: text('region'), Customer: text('customer'), Account: text('account_id') }
  await tab.tile(`${all.length} resources`).waitFor()
  await assertTable(tab, 'Resources', all.slice(0, 50), shows)
  await tab.act(tab.page.getByRole('link', { name: 'Next page' }).click())
  await assertTable(tab, 'Resources', all.slice(50, 100), shows)
  await tab.act(tab.page.goBack())
  await assertTable(tab, 'Resources', all.slice(0, 50), shows)
})

test('the facets', async (t) => {
  const tab = await chromium.open(t, '/inventory')
  const facets = await ask('resource_facets', {})
  for (const [label, dimension] of [['Type', 'resource_type'], ['Account', 'account'], ['Region', 'region'], ['Customer', 'customer']]) {
    const facet = tab.page.locator(`section[aria-labelledby="facet-${dimension}"]`)
    const more = facet.getByRole('button', { name: `more of ${label}` })
    if (await more.count()) await more.click()
    const seen = await facet.locator('li').evaluateAll((all) => all.map((li) => {
      const value = li.querySelector('.value')
      return `${value.title || li.querySelector('.text').textContent} ${li.querySelector('.number').textContent}`
    }))
    assert.deepEqual(seen, facets.filter((f) => f.dimension === dimension).map((f) => `${f.value} ${f.resources}`), label)
  }
})

test('a facet narrows the list to as many as it says', async (t) => {
  const tab = await chromium.open(t, '/inventory')
  const [customer] = (await ask('resource_facets', {})).filter((f) => f.dimension === 'customer' && f.kind === 'value')
  await tab.act(tab.page.locator('section[aria-labelledby="facet-customer"]').getByRole('link', { name: customer.value }).click())
  assert.equal(tab.param('customer'), customer.value)
  await tab.tile(`${customer.resources} resources`).waitFor()
  await assertTable(tab, 'Resources', await ask('resource_list', { customer: customer.value, limit: 100 }), { Customer: text('customer') })
})

test('search', async (t) => {
  const tab = await chromium.open(t, '/inventory')
  await tab.page.getByRole('searchbox').fill('acme')
  await tab.page.waitForURL(/q=acme/)
  await tab.settled()
  await assertTable(tab, 'Resources that were found', await ask('resource_search', { q: 'acme', limit: 200 }), { Type: text('resource_type'), 'Found in': text('found_in') })
})

test('by cost', async (t) => {
  const tab = await chromium.open(t, '/inventory?view=cost')
  const rows = await ask('cost_top_resources', { from: 'today-29d', until: 'today+1d', top: 50, limit: 5000 })
  await assertTable(tab, 'Resources by cost', rows, { Cost: money('cost'), Type: text('resource_type') })
})

test('Resource: cost, rules and timeline', async (t) => {
  const [top] = (await ask('cost_top_resources', { from: 'today-29d', until: 'today+1d', top: 50 })).filter((r) => r.kind === 'value' && r.resource_type === 'ec2:instance')
  const tab = await chromium.open(t, `/resource?arn=${encodeURIComponent(top.arn)}`)
  const now = await ask('resource_cost', { arn: top.arn, step: 'day', from: 'month', until: 'today+1d' })
  const [title, costs] = now.length > 0 ? ['This month', now] : ['Last month', await ask('resource_cost', { arn: top.arn, step: 'day', from: 'month-1m', until: 'month' })]
  assert.equal(exact(await tab.tile(title).locator('.money').first().getAttribute('title')), sum(costs.map((r) => r.cost)), title)
  const rules = await ask('resource_rules', { arn: top.arn })
  const clean = rules.filter((r) => r.status === 'clean').length
  if (clean) await tab.tile('Rules').getByText(`${clean} rule`).waitFor()
})

test('Resource: what happened to the group whose port was opened', async (t) => {
  const { arn } = await resource(chromium.polo, opened)
  const tab = await chromium.open(t, `/resource?arn=${encodeURIComponent(arn)}&events=all`)
  const events = await ask('resource_timeline', { arn, since: 'today-29d', until: 'today+1d', limit: 1000 })
  const seen = await tab.tile(/^Timeline/).locator('time.when').evaluateAll((all) => all.map((e) => e.title))
  assert.deepEqual(seen, events.slice(0, 60).map((e) => `${e.ts} UTC`))
  const broken = (await ask('resource_rules', { arn })).filter((r) => r.status === 'open')
  assert.ok(broken.length > 0, 'the sample has a violation there')
  for (const { title } of broken) assert.ok(await tab.tile('Rules').getByRole('link', { name: title }).isVisible(), title)
})
