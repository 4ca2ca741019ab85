// What Home weighs and how long people wait. Bytes are exact; times have room for a busy machine, and are printed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../lib/stack.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const room = Number(process.env.POLO_BROWSER_ROOM || 2) // times of a machine that does other things too
const budget = { script: 90 * 1024, worker: 60 * 1024, paint: 1000, interaction: 100 } // bytes of gzip, milliseconds
const report = (t, what, value, most) => t.diagnostic(`${what}: ${value} (budget ${most})`)
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

test('the script that Home loads', async (t) => {
  const tab = await chromium.open(t, '/', { fresh: true })
  const loaded = await tab.page.evaluate(() => performance.getEntriesByType('resource').filter((e) => new URL(e.name).pathname.endsWith('.js')).map((e) => ({ name: new URL(e.name).pathname, bytes: e.encodedBodySize, all: e.decodedBodySize })))
  assert.ok(loaded.length > 1 && loaded.every((s) => s.bytes > 0))
  for (const s of loaded) if (s.all > 2000) assert.ok(s.bytes < s.all, `${s.name} is not compressed`)
  const bytes = loaded.reduce((all, s) => all + s.bytes, 0)
  report(t, `script of Home, ${loaded.length} files, gzip`, kib(bytes), kib(budget.script))
  assert.ok(bytes <= budget.script, `${kib(bytes)}: ${loaded.map((s) => `${s.name} ${s.bytes}`).join(', ')}`)
})

test("the Worker's script", (t) => {
  const bytes = gzipSync(readFileSync(join(process.env.POLO_WORKER || join(root, 'build/worker'), 'worker.js')), { level: 9 }).length
  report(t, "the Worker's script, gzip", kib(bytes), kib(budget.worker))
  assert.ok(bytes <= budget.worker, kib(bytes))
})

test('the largest paint of each page', async (t) => {
  const late = []
  for (const path of ['/', '/cost', '/inventory', '/changes', '/rules', '/data']) {
    const times = []
    for (let i = 0; i < 3; i++) {
      const tab = await chromium.open(t, path, { fresh: true, motion: 'no-preference' })
      times.push((await tab.seen('paints')).at(-1).startTime)
      await tab.close()
    }
    const ms = Math.round(median(times))
    report(t, `largest paint of ${path}`, `${ms} ms`, `${budget.paint} ms`)
    if (ms > budget.paint * room) late.push(`${path}: ${times.map(Math.round)} ms`)
  }
  assert.deepEqual(late, [])
})

test('from a click to what it shows', async (t) => {
  const tab = await chromium.open(t, '/')
  const clicks = {
    'a page': () => tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Cost' }).click(),
    'a menu': () => tab.page.getByRole('button', { name: 'Add a filter' }).click(),
    'its end': () => tab.page.keyboard.press('Escape'),
    'the order of a table': () => tab.page.getByRole('region', { name: 'Cost by service', exact: true }).getByRole('button').nth(1).click(),
    'a choice': () => tab.page.getByRole('navigation', { name: 'Step' }).getByRole('link', { name: 'Week' }).click(),
    'a value': () => tab.page.getByRole('region', { name: 'Cost by service', exact: true }).getByRole('row').nth(1).getByRole('link').click(),
    'a large page': () => tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Inventory' }).click(),
    'back': () => tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Home' }).click(),
  }
  const late = []
  for (const [what, click] of Object.entries(clicks)) {
    await tab.page.evaluate(() => (window.polo.events.length = 0))
    await tab.act(click())
    await new Promise((done) => setTimeout(done, 100)) // the browser tells a moment later
    const ms = Math.max(0, ...(await tab.seen('events')).map((e) => e.duration))
    report(t, `to the next paint after ${what}`, `${ms} ms`, `${budget.interaction} ms`)
    if (ms > budget.interaction * room) late.push(`${what}: ${ms} ms`)
  }
  assert.deepEqual(late, [])
})
