// Rules, Data and Queries: counts and rows are those that the command line gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertTable, count, text, time } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const ask = async (name, params) => (await chromium.polo.query(name, params)).rows
const words = async (locator) => (await locator.allInnerTexts()).map((t) => t.replace(/\s+/g, ' ').trim())

test('Rules: the counts by severity, and each violation', async (t) => {
  const tab = await chromium.open(t, '/rules')
  const open = await ask('rule_violations', { status: 'open', limit: 5000 })
  assert.ok(open.length > 0, 'the sample has violations')
  const bySeverity = ['critical', 'high', 'medium', 'low'].map((s) => `${open.filter((v) => v.severity === s).length} ${s}`)
  assert.deepEqual(await words(tab.page.getByRole('list', { name: 'open violations by severity' }).getByRole('listitem')), bySeverity)
  await tab.tile(`${open.length} open violations`).waitFor()
  const seen = await tab.page.locator('section.group').evaluateAll((all) => all.map((section) => ({ rule: section.querySelector('header code').textContent, title: section.querySelector('h3').textContent, says: section.querySelector('.count').textContent })))
  const rules = [...new Set(open.map((v) => v.rule))]
  assert.deepEqual(seen, rules.map((rule) => {
    const of = open.filter((v) => v.rule === rule)
    return { rule, title: of[0].title, says: `${of.length} ${of.length === 1 ? 'resource' : 'resources'}` }
  }))
  for (const { arn } of open.filter((v) => v.severity === 'critical')) assert.ok((await tab.page.locator(`section.group a[title="${arn}"]`).count()) > 0, arn)
})

test('Rules: a severity narrows to it', async (t) => {
  const tab = await chromium.open(t, '/rules')
  await tab.act(tab.page.getByRole('list', { name: 'open violations by severity' }).getByRole('link', { name: 'high' }).click())
  const high = await ask('rule_violations', { status: 'open', severity: 'high', limit: 5000 })
  await tab.tile(`${high.length} open ${high.length === 1 ? 'violation' : 'violations'}`).waitFor()
  assert.equal(tab.param('severity'), 'high')
})

test('Rules: what each rule judged', async (t) => {
  const tab = await chromium.open(t, '/rules?view=rules')
  const rules = await ask('rules', { limit: 1000 })
  const tile = tab.tile(`${rules.length} rules that judge something`)
  assert.deepEqual(await words(tile.locator('.counts p')), rules.map((r) => `${r.violated} violated, ${r.clean} clean, ${r.unknown} unknown`))
  await tab.go('/rules?view=unknown')
  const unknown = rules.filter((r) => Number(r.unknown) > 0)
  await tab.tile(`${unknown.length} ${unknown.length === 1 ? 'rule' : 'rules'} that cannot judge all`).waitFor()
})

test('Data: sources, gaps, bills and runs', async (t) => {
  const tab = await chromium.open(t, '/data')
  await assertTable(tab, 'Sources with their freshness', await ask('health_freshness', { days: 30, limit: 1000 }), { Source: text('source'), Events: count('events'), 'Last row': time('last_inserted'), 'Last complete scan': time('last_completed') })
  await assertTable(tab, 'What could not be read, and since when', await ask('health_coverage_gaps', { limit: 1000 }), { What: text('what'), Region: text('region'), Reason: text('reason'), Since: time('first_gap') })
  await assertTable(tab, 'Deliveries of bills', await ask('health_bills', { since: 'month-3m', only_counting: true, limit: 1000 }), { Arrived: count('lines'), Expected: count('expected'), Read: time('observed_at') })
  await assertTable(tab, 'Runs of the collectors', await ask('health_ingest_failures', { days: 7, limit: 1000 }), { Source: text('source'), Events: count('events'), 'Dead-lettered': count('rejected') })
})

test('Data: scopes and tags', async (t) => {
  const tab = await chromium.open(t, '/data?scopes=all')
  await assertTable(tab, 'Scopes with their last complete scan', await ask('health_scans', { limit: 10000 }), { Type: text('resource_type'), 'Last complete scan': time('last_scan') })
  const tags = await ask('health_tag_coverage', { by: 'account', limit: 5000 })
  const seen = await words(tab.tile('Tag coverage').locator('li .of'))
  assert.deepEqual(seen.map((s) => s.replace(/,.*/, '')), tags.slice(0, 20).map((r) => `${r.tagged} of ${r.resources}`))
})
