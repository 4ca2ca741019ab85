// Several platforms: the sample has AWS alone, so the API's answers are given others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import { sum } from '../lib/decimal.mjs'
import { exact } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const lines = { lines: '1', estimated_lines: '0', partial_lines: '0' }
const converted = (platform, currency, cost, part, rest) => ({ month: '2026-10-01', platform, currency, cost, converted_currency: 'USD', converted: part, unconverted: rest, lowest_rate: '1.1', highest_rate: '1.1', ...lines })

/** A tab whose API also knows of GitHub and Datadog, and of euros. Rows of other questions are the sample's. */
async function several(t, path, options) {
  const tab = await chromium.open(t, null, { fresh: true, ...options })
  const rows = {
    dimension_values: (rows) => [...rows, { value: 'datadog', resources: '0', lines: '1' }, { value: 'github', resources: '1', lines: '0' }],
    cost_by_platform: (rows) => [...rows, { ...rows[0], platform: 'datadog', source: 'datadog.billing', currency: 'EUR', cost: '30' }],
    cost_converted: () => [converted('aws', 'USD', '100.10', '100.10', '0'), converted('datadog', 'EUR', '30', '11', '20'), { ...converted('datadog', 'EUR', '7', null, '7'), month: '2026-09-01' }],
    cost_marketplace: () => [{ month: '2026-10-01', platform: 'datadog', currency: 'EUR', marketplace_cost: '29', own_cost: '30', twice: true, products: ['Datadog Pro'], marketplace_lines: '1', own_lines: '1', ...lines }],
  }
  await tab.page.route(/\/api\/query\/(dimension_values\?.*of=platform|cost_by_platform|cost_converted|cost_marketplace)/, async (route) => {
    const answer = await (await route.fetch()).json()
    await route.fulfill({ json: { ...answer, rows: rows[answer.query](answer.rows) } })
  })
  await tab.go(path)
  return tab
}
const platformSwitch = (tab) => tab.page.getByRole('navigation', { name: 'Platform', exact: true })
const chosen = (tab) => platformSwitch(tab).locator('[aria-current]').allInnerTexts()

test('one platform is no choice, and nothing is asked for it', async (t) => {
  for (const path of ['/', '/cost', '/inventory', '/changes?view=cost']) {
    const tab = await chromium.open(t, path, { fresh: true })
    assert.equal(await platformSwitch(tab).count(), 0, path)
    assert.deepEqual(tab.asked.filter((p) => /cost_(converted|marketplace)/.test(p)), [], path)
  }
})

test('the switch is the filter of the bar, and works by the keyboard', async (t) => {
  const tab = await several(t, '/cost')
  assert.deepEqual(await platformSwitch(tab).getByRole('link').allInnerTexts(), ['All', 'AWS', 'GitHub', 'Datadog'])
  assert.deepEqual(await chosen(tab), ['All'])
  await platformSwitch(tab).getByRole('link', { name: 'AWS' }).focus()
  await tab.act(tab.page.keyboard.press('Enter'))
  assert.equal(tab.param('platform'), 'aws')
  assert.deepEqual(await chosen(tab), ['AWS'])
  await tab.act(tab.page.getByRole('link', { name: 'Remove the filter Platform AWS' }).click())
  assert.deepEqual([tab.param('platform'), await chosen(tab)], [null, ['All']])
  await tab.go('/inventory?platform=github,aws&after=x')
  assert.deepEqual(await chosen(tab), ['AWS + GitHub'], 'several, which the bar chose')
  await tab.act(platformSwitch(tab).getByRole('link', { name: 'AWS', exact: true }).click())
  assert.deepEqual([tab.param('platform'), tab.param('after')], ['aws', null], 'another choice begins at the first page')
})

test('what is not narrowed says so, and is not marked on the curve', async (t) => {
  const tab = await several(t, '/?platform=aws')
  for (const title of ['Anomalies of cost', 'Denied calls', 'Open violations of rules']) await tab.tile(title).getByText('Not narrowed by platform').waitFor()
  const cost = await several(t, '/cost?platform=aws')
  await cost.page.getByText('Anomalies are not marked: they are not told by platform.').waitFor()
  assert.deepEqual(cost.asked.filter((p) => p.includes('cost_anomalies')), [])
})

test('costs by platform and month: the sum has what is converted, and the rest stands beside it', async (t) => {
  const tab = await several(t, '/cost?from=2026-09-01&until=2026-11-01')
  const table = tab.page.getByRole('region', { name: 'Cost by platform and month' })
  const sums = await table.locator('td.sum').evaluateAll((all) => all.map((td) => [...td.querySelectorAll('.money')].map((m) => m.title)))
  assert.deepEqual(sums.map((s) => s.map((title) => `${exact(title)} ${title.slice(-3)}`)), [['111.1 USD', '20 EUR'], ['7 EUR'], [`${sum(['100.10', '11'])} USD`, '27 EUR']])
  assert.deepEqual(await table.getByRole('rowheader').allInnerTexts(), ['Oct 2026', 'Sep 2026', 'Total'])
  await tab.tile('By platform and month').getByText('polo fx set EUR USD 2026-09-01 RATE').waitFor()
  await tab.act(tab.tile('By platform and month').getByLabel('Convert to').selectOption('EUR'))
  assert.equal(tab.param('to'), 'EUR')
})

test('money that two bills have is told, and either can be left out', async (t) => {
  const tab = await several(t, '/cost')
  const note = tab.page.getByRole('note')
  assert.match((await note.innerText()).replace(/\s+/g, ' '), /^Datadog is also in AWS’s bill \(marketplace\): 29\.00 ?EUR there, 30\.00 ?EUR in Datadog’s own\./)
  await tab.act(note.getByRole('link', { name: 'Leave out Datadog’s own' }).click())
  assert.equal(tab.param('platform'), 'aws')
})

test('the curve spreads what is for more than a day', async (t) => {
  const tab = await several(t, '/cost?from=month-1m&until=month')
  await tab.act(tab.page.getByRole('navigation', { name: 'Costs' }).getByRole('link', { name: 'Spread over periods' }).click())
  assert.equal(tab.param('costs'), 'spread')
  assert.ok(tab.asked.some((p) => p.includes('/cost_spread?')))
  await tab.page.getByText(/total of the curve differs from what was billed/).waitFor()
})

for (const [theme, width] of [['light', 1280], ['dark', 320]]) {
  test(`axe and the width of the window, ${theme}, ${width}`, async (t) => {
    const tab = await several(t, '/cost', { theme, width })
    await tab.page.evaluate(axe.source)
    const { violations } = await tab.page.evaluate(() => window.axe.run('main'))
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), [])
    assert.ok(await tab.page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth))
  })
}
