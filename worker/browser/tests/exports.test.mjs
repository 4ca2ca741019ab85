// What is exported is what is seen, and says that it is whole.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { plain } from '../lib/decimal.mjs'
import { exact, readTable } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const path = '/cost?by=customer&from=month-1m&until=month&top=20'
const caption = 'Cost by customer'

async function exported(tab, format, tile = 'By customer') {
  await tab.tile(tile).getByRole('button', { name: 'Export' }).click()
  const download = tab.page.waitForEvent('download')
  await tab.page.getByRole('link', { name: format, exact: true }).click()
  const file = await download
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

/** Returns the cells of each record. */
function records(csv) {
  return [...csv.matchAll(/(?:^|\n)(?!$)((?:"(?:[^"]|"")*"|[^\n"])*)/g)].map(([, line]) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => (quoted ?? bare).replaceAll('""', '"').replace(/\r$/, '')))
}

/** What is seen of the table, as value, cost and cost before. */
async function seen(tab) {
  const { rows } = await readTable(tab, caption)
  assert.ok(rows.length > 2)
  return rows.map((cells) => [cells[0].titles[0], exact(cells[1].titles[0]), exact(cells[2].titles[0])])
}
const three = (row) => [row.value, plain(row.after), plain(row.before)]

test('CSV', async (t) => {
  const tab = await chromium.open(t, path)
  const { name, text } = await exported(tab, 'CSV')
  assert.equal(name, 'cost_compare.csv')
  const [head, ...rows] = records(text)
  const trailer = rows.pop()
  const table = await seen(tab)
  assert.deepEqual(rows.map((cells) => three(Object.fromEntries(head.map((h, i) => [h, cells[i]])))).map(withOther), table.map(withOther))
  assert.deepEqual(trailer, ['#polo', `rows=${rows.length}`, 'truncated=false'])
})

test('NDJSON', async (t) => {
  const tab = await chromium.open(t, path)
  const { name, text } = await exported(tab, 'NDJSON')
  assert.equal(name, 'cost_compare.ndjson')
  const rows = text.trimEnd().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(rows.pop(), { polo: { rows: rows.length, truncated: false } })
  assert.deepEqual(rows.map(three).map(withOther), (await seen(tab)).map(withOther))
})

test('JSON', async (t) => {
  const tab = await chromium.open(t, path)
  const { name, text } = await exported(tab, 'JSON')
  assert.equal(name, 'cost_compare.json')
  const { rows, truncated, request_id } = JSON.parse(text)
  assert.deepEqual(rows.map(three).map(withOther), (await seen(tab)).map(withOther))
  assert.equal(truncated, false)
  assert.match(request_id, /^\S{8,}$/)
})

/** (other) is a link that shows all of them, and says so in its title. */
function withOther([value, ...rest]) {
  return [value === 'Show all of them' ? '(other)' : value, ...rest]
}

test('a copy of the table', async (t) => {
  const tab = await chromium.open(t, path)
  await tab.tile('By customer').getByRole('button', { name: 'Copy' }).click()
  await tab.tile('By customer').getByRole('button', { name: 'Copied' }).waitFor()
  const lines = (await tab.page.evaluate(() => navigator.clipboard.readText())).split('\n').map((line) => line.split('\t'))
  const at = (column) => lines[0].indexOf(column)
  assert.deepEqual(lines.slice(1).map((cells) => [cells[at('value')], plain(cells[at('after')]), plain(cells[at('before')])]).map(withOther), (await seen(tab)).map(withOther))
})

test('all resources', async (t) => {
  const tab = await chromium.open(t, '/inventory?size=50&customer=acme,(none)')
  const all = (await chromium.polo.query('resource_list', { customer: 'acme,(none)', limit: 10000 })).rows
  const download = tab.page.waitForEvent('download')
  await tab.page.getByRole('link', { name: `All ${all.length} as CSV` }).click()
  const [head, ...rows] = records(await readFile(await (await download).path(), 'utf8'))
  assert.deepEqual(rows.pop(), ['#polo', `rows=${all.length}`, 'truncated=false'])
  assert.deepEqual(rows.map((cells) => cells[head.indexOf('arn')]), all.map((r) => r.arn))
})
