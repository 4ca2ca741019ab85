// Cost and Home: every amount is the one that the command line gives, to the last digit, and the parts add up to the whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain, shown, sum } from '../lib/decimal.mjs'
import { assertTable, exact, money, readTable, text } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const usual = { from: 'today-29d', until: 'today+1d' } // the period of a page whose address names none

/** Returns the total that Cost shows: its text, and all its digits. */
async function total(tab) {
  const amount = tab.page.locator('main dd .money').first()
  return { text: (await amount.innerText()).replaceAll('\n', ' '), exact: exact(await amount.getAttribute('title')) }
}

test('the total', async (t) => {
  const tab = await chromium.open(t, '/cost')
  const [row] = (await chromium.polo.query('cost_by_dimension', { by: 'total', ...usual })).rows
  const seen = await total(tab)
  assert.equal(seen.exact, plain(row.cost))
  assert.ok(seen.text.includes(shown(row.cost)) && seen.text.includes(row.currency), seen.text)
  assert.equal(seen.text.includes('≈'), Number(row.estimated_lines) > 0, 'that it is an estimate')
})

const dimensions = [['service', 'Service'], ['account', 'Account'], ['customer', 'Customer'], ['region', 'Region'], ['cluster', 'Cluster'], ['resource_type', 'Resource type']]
for (const [by, label] of dimensions) {
  test(`by ${by}`, async (t) => {
    const tab = await chromium.open(t, `/cost?by=${by}`)
    const period = (await chromium.polo.query('cost_by_dimension', { by, top: 1000, ...usual })).rows
    const compared = await compare(by)
    const table = await assertTable(tab, `Cost by ${label.toLowerCase()}`, compared, { [label]: text('value'), Cost: money('after'), 'Period before': money('before') })
    const costs = new Map(period.filter((r) => r.kind !== 'other').map((r) => [`${r.kind} ${r.value}`, r.cost]))
    for (const row of compared.filter((r) => r.kind !== 'other')) assert.equal(plain(row.after), plain(costs.get(`${row.kind} ${row.value}`) ?? '0'), `${row.value}, of cost_by_dimension`)
    const all = sum(period.map((r) => r.cost))
    assert.equal(sum(compared.map((r) => r.after)), all, 'the parts with (other) and (none)')
    const { foot } = table
    assert.equal(exact(foot[0][1].titles[0]), all, 'the foot')
    assert.match(foot[0][0].text, /adds up to the total, exactly/)
    assert.equal((await total(tab)).exact, all, 'the total')
  })
}

/** The rows of cost_compare that the page shows: those of the usual period and of as many days before. */
async function compare(by) {
  const { parameters } = await chromium.polo.query('cost_compare', { by, top: 8, ...usual })
  const [first] = (await chromium.polo.query('cost_by_dimension', { by: 'total', ...before(parameters) })).rows
  assert.ok(first, 'the sample has costs of the period before')
  return (await chromium.polo.query('cost_compare', { by, top: 8, ...usual, before_from: before(parameters).from, before_until: before(parameters).until })).rows
}

/** As the page says it: as long before, or, from the first of a month within it, the same days of the month before. */
function before({ from, until }) {
  const day = (text, days) => new Date(Date.parse(text) + days * 86_400_000).toISOString().slice(0, 10)
  const length = (Date.parse(until) - Date.parse(from)) / 86_400_000
  if (!from.endsWith('-01')) return { from: day(from, -length), until: from }
  const start = `${day(from, -1).slice(0, 7)}-01`
  if (until.endsWith('-01')) return { from: start, until: from }
  return { from: start, until: day(start, length) < from ? day(start, length) : from }
}

for (const [by, query, shows] of [
  ['resource', 'cost_top_resources', { ARN: text('arn'), Cost: money('cost') }],
  ['usage_type', 'cost_by_usage_type', { 'Usage type': text('value'), Cost: money('cost') }],
  ['charge_type', 'cost_by_charge_type', { 'Charge type': text('value'), Cost: money('cost') }],
]) {
  test(`by ${by}`, async (t) => {
    const tab = await chromium.open(t, `/cost?by=${by}`)
    const { rows } = await chromium.polo.query(query, { ...usual, ...(by === 'charge_type' ? {} : { top: 8 }) })
    const { foot } = await assertTable(tab, `Cost by ${by.replace('_', ' ')}`, rows, shows)
    assert.match(foot[0][0].text, /adds up to the total, exactly/)
    assert.equal(sum(rows.map((r) => r.cost)), (await total(tab)).exact)
  })
}

test('what moved', async (t) => {
  const tab = await chromium.open(t, '/cost')
  const { parameters } = await chromium.polo.query('cost_by_dimension', { by: 'total', ...usual })
  const earlier = before(parameters)
  const { rows } = await chromium.polo.query('cost_movers', { by: 'resource', limit: 15, ...usual, before_from: earlier.from, before_until: earlier.until })
  const table = await readTable(tab, 'What moved most')
  await assertTable(tab, 'What moved most', rows, { Before: money('before'), Cost: money('after'), [table.titles.find((t) => t === 'Change')]: money('change') })
})

test('the days of the curve, as a table, add up to the total', async (t) => {
  const tab = await chromium.open(t, '/cost')
  const figure = tab.page.getByRole('figure', { name: /Cost by day/ })
  await figure.getByRole('button', { name: 'Show as a table' }).click()
  const { rows } = await chromium.polo.query('cost_series', { by: 'service', step: 'day', top: 8, ...usual })
  const amounts = await figure.locator('tbody .money').evaluateAll((all) => all.map((e) => e.title))
  assert.ok(amounts.length > 0, 'no amounts')
  const days = await figure.locator('tbody tr').evaluateAll((all) => all.map((tr) => [...tr.querySelectorAll('.money')].at(-1)?.title ?? '0'))
  assert.equal(sum(days.map(exact)), sum(rows.map((r) => r.cost)))
})

/** Whether the tile of Home shows what a month cost, and leads to Cost of its days. */
async function headline(tab, row, address) {
  const amount = tab.page.locator('main .big .money').first()
  assert.equal(exact(await amount.getAttribute('title')), plain(row.cost))
  await tab.act(amount.click())
  assert.equal(tab.address, address)
  assert.equal((await total(tab)).exact, plain(row.cost), 'on Cost')
}

const spent = (from, until) => chromium.polo.query('cost_by_dimension', { by: 'total', from, until }).then(({ rows }) => rows[0])

test('Home: the month so far, or the last one that is known, is Cost of the same days', async (t) => {
  const tab = await chromium.open(t, '/')
  const row = await spent('month', 'today+1d')
  if (!row) return headline(tab, await spent('month-1m', 'month'), '/cost?from=month-1m&until=month')
  const [forecast] = (await chromium.polo.query('cost_forecast', { by: 'total' })).rows
  const told = tab.page.locator('main dl').first()
  assert.equal(exact(await told.locator('dd .money').nth(0).getAttribute('title')), plain(forecast.forecast), 'the forecast')
  assert.equal(exact(await told.locator('dd .money').nth(1).getAttribute('title')), plain(forecast.last_month), 'last month')
  await headline(tab, row, '/cost?from=month&until=today%2B1d')
})

test('Home: while nothing of the month is known, it is the month before', async (t) => {
  const tab = await chromium.open(t)
  const first = new Date().toISOString().slice(0, 8) + '01'
  await tab.page.route((url) => url.pathname.endsWith('/cost_by_dimension') && url.searchParams.get('from') === first, async (route) => {
    const answer = await (await route.fetch()).json()
    await route.fulfill({ json: { ...answer, rows: [] } })
  })
  await tab.go('/')
  await tab.page.getByText(/^Nothing of \w+ \d+ is known yet/).waitFor()
  assert.equal(await tab.page.locator('main .big .money').count(), 1)
  await headline(tab, await spent('month-1m', 'month'), '/cost?from=month-1m&until=month')
})

test('Home: what is wrong', async (t) => {
  const tab = await chromium.open(t, '/')
  const asked = (name, params = {}) => chromium.polo.query(name, params).then(({ rows }) => rows)
  const violations = await asked('rule_violations', { limit: 5000 })
  const counts = await tab.tile('Open violations of rules').locator('.counts li').allInnerTexts()
  assert.deepEqual(counts.map((c) => c.replace(/\s+/g, ' ').trim()), ['critical', 'high', 'medium', 'low'].map((s) => `${violations.filter((v) => v.severity === s).length} ${s}`))
  const anomalies = await asked('cost_anomalies', { ...usual, limit: 500 })
  assert.equal(Number(await tab.tile('Anomalies of cost').locator('strong').first().innerText()), anomalies.length)
  const denied = await asked('activity_denied', { since: 'today-29d', until: 'today+1d', limit: 5000 })
  assert.equal(Number(await tab.tile('Denied calls').locator('strong').first().innerText()), denied.reduce((all, r) => all + Number(r.times), 0))
  const gaps = await asked('health_coverage_gaps', { limit: 1000 })
  assert.equal(Number(await tab.tile('Gaps in what Polo knows').locator('strong').first().innerText()), gaps.length)
})
