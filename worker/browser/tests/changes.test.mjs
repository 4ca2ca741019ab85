// Changes and Anomalies: every row is one that the command line gives, with times in UTC.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain, shown } from '../lib/decimal.mjs'
import { assertTable, count, exact, money, text, time } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const ask = async (name, params) => (await chromium.polo.query(name, params)).rows
const usual = { since: 'today-29d', until: 'today+1d' }

test('what changed', async (t) => {
  const tab = await chromium.open(t, '/changes')
  await assertTable(tab, 'Changes', await ask('activity_changes', { ...usual, limit: 1000 }), { When: time('ts'), Change: text('change'), Resource: text('arn'), Call: text('call'), By: text('actor') })
})

test('who did what, 200 rows at a time', async (t) => {
  const tab = await chromium.open(t, '/changes?view=people')
  const rows = await ask('activity_by_actor', { ...usual, limit: 500 })
  const shows = { Who: text('actor'), Calls: count('calls'), Denied: count('denied'), Last: time('last') }
  await assertTable(tab, 'Calls by actor', rows.slice(0, 200), shows)
  if (rows.length <= 200) return
  await tab.page.getByText(`200 of ${rows.length} rows are shown.`).waitFor()
  await tab.page.getByRole('button', { name: /^Show \d+ more/ }).click()
  await assertTable(tab, 'Calls by actor', rows.slice(0, 400), shows)
})

test('created and deleted', async (t) => {
  const tab = await chromium.open(t, '/changes?view=lives')
  await assertTable(tab, 'Created and deleted', await ask('activity_created_deleted', { ...usual, limit: 1000 }), { Resource: text('arn'), Created: time('created_at'), Deleted: time('deleted_at') })
})

test('denied', async (t) => {
  const tab = await chromium.open(t, '/changes?view=denied')
  await assertTable(tab, 'Denied calls', await ask('activity_denied', { ...usual, limit: 1000 }), { Who: text('actor'), Call: text('call'), Times: count('times'), Last: time('last') })
})

test('a name leads to what else they did', async (t) => {
  const tab = await chromium.open(t, '/changes?view=denied&until=today%2B1d')
  const [row] = await ask('activity_denied', { ...usual, limit: 1000 })
  await tab.act(tab.page.getByRole('region', { name: 'Denied calls' }).getByRole('link').first().click())
  assert.equal(tab.param('actor'), row.actor)
  assert.equal(tab.param('until'), 'today+1d', 'the period stays')
  const changes = await ask('activity_changes', { ...usual, actor: row.actor, limit: 1000 })
  if (changes.length > 0) await assertTable(tab, 'Changes', changes, { When: time('ts') })
  else await tab.page.getByText('Nothing was created, updated or deleted in these days').waitFor()
})

test('anomalies', async (t) => {
  const rows = await ask('cost_anomalies', { from: usual.since, until: usual.until, limit: 500 })
  assert.ok(rows.length > 0, 'the sample has anomalies')
  const tab = await chromium.open(t, '/anomalies')
  const seen = await tab.tile('Anomalies of the period').locator('li .money').evaluateAll((all) => all.map((e) => ({ text: e.textContent, title: e.title })))
  assert.deepEqual(seen.map((s) => exact(s.title)), rows.map((r) => plain(r.excess)))
  rows.forEach((row, i) => assert.ok(seen[i].text.includes(shown(row.excess).replace('−', '')), `${seen[i].text} is not ${row.excess}`))
  const told = await tab.page.getByRole('region', { name: 'The anomaly' }).locator('dd .money').evaluateAll((all) => all.map((e) => e.title))
  assert.deepEqual(told.map(exact), [rows[0].cost, rows[0].expected, rows[0].excess].map(plain))
})

test('cost changed: what happened', async (t) => {
  const tab = await chromium.open(t, '/changes?view=cost&from=month-1m&until=month')
  const months = { from: 'month-1m', until: 'month', before_from: 'month-2m', before_until: 'month-1m' }
  await assertTable(tab, 'Cost changed: what happened', await ask('activity_cost_changes', { ...months, limit: 200 }), { Resource: text('arn'), Before: money('before'), Cost: money('after') })
})
