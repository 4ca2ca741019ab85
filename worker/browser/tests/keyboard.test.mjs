// The dashboard without a mouse: what has the focus is seen, and the focus goes where a person goes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pages } from '../lib/pages.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const press = async (tab, key, times = 1) => {
  for (let i = 0; i < times; i++) await tab.page.keyboard.press(key)
}
/** What has the focus: its tag, and what it is called. */
const focused = (tab) => tab.page.evaluate(() => {
  const e = document.activeElement
  return `${e.tagName.toLowerCase()} ${(e.getAttribute('aria-label') ?? e.innerText ?? '').replace(/\s+/g, ' ').trim()}`
})
/** Presses Tab until what is focused fits. */
async function tabTo(tab, pattern, most = 60) {
  const passed = []
  for (let i = 0; i < most; i++) {
    await press(tab, 'Tab')
    const now = await focused(tab)
    if (pattern.test(now)) return now
    passed.push(now)
  }
  throw new Error(`Tab does not lead to ${pattern}: ${passed.join('; ')}`)
}

test('the first Tab is the link to the content', async (t) => {
  const tab = await chromium.open(t, '/cost')
  await press(tab, 'Tab')
  assert.equal(await focused(tab), 'a Skip to the content')
  assert.ok(await tab.page.locator('a.skip').evaluate((e) => e.getBoundingClientRect().top >= 0), 'it is seen once it has the focus')
  await press(tab, 'Enter')
  assert.ok(await tab.page.evaluate(() => document.activeElement.id === 'main'), await focused(tab))
  await press(tab, 'Tab')
  assert.ok(await tab.page.evaluate(() => document.getElementById('main').contains(document.activeElement)), 'the next Tab is in the content')
})

test('every page has a title, one heading, and takes the focus when it is come to', async (t) => {
  const tab = await chromium.open(t, '/queries')
  assert.ok(await tab.page.evaluate(() => document.activeElement === document.body), 'a page that is loaded takes no focus')
  for (const name of ['Home', 'Cost', 'Anomalies', 'Inventory', 'Changes', 'Rules', 'Data', 'Queries']) {
    await tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).focus()
    await press(tab, 'Enter')
    await tab.page.waitForFunction((n) => document.querySelector('h1')?.textContent === n, name)
    await tab.settled()
    assert.equal(await focused(tab), `h1 ${name}`)
    assert.equal(await tab.page.title(), `${name} · Polo`)
    assert.equal(await tab.page.locator('h1').count(), 1)
    assert.equal(await tab.page.locator('nav [aria-current="page"]').innerText(), name)
  }
})

test('the period and a filter, from the keyboard alone', async (t) => {
  const tab = await chromium.open(t, '/cost')
  await tabTo(tab, /^button Period/)
  await press(tab, 'Enter')
  await tabTo(tab, /^a Last month/)
  await press(tab, 'Enter')
  await tab.settled()
  assert.equal(tab.param('from'), 'month-1m')
  assert.match(await focused(tab), /^button Period, Last month/, 'the focus is back on the button')
  await tabTo(tab, /^button Add a filter/)
  await press(tab, 'Space')
  await tabTo(tab, /^input/, 3)
  await tab.page.getByRole('checkbox', { name: 'globex' }).waitFor()
  await tab.page.keyboard.type('acme')
  await press(tab, 'Tab')
  assert.equal(await tab.page.evaluate(() => `${document.activeElement.type} ${document.activeElement.value}`), 'checkbox acme')
  await press(tab, 'Space')
  await press(tab, 'Enter')
  await tab.settled()
  assert.equal(tab.param('customer'), 'acme')
  await press(tab, 'Enter')
  await press(tab, 'Escape')
  assert.match(await focused(tab), /^button Add a filter/, 'Escape closes, and the focus is back')
  assert.equal(await tab.page.getByRole('button', { name: 'Add a filter' }).getAttribute('aria-expanded'), 'false')
})

test('a table: its columns, its rows, its order', async (t) => {
  const tab = await chromium.open(t, '/changes?view=people', { height: 600 })
  await tabTo(tab, /^button Columns/)
  await press(tab, 'Enter')
  await tabTo(tab, /^select|^input/, 3)
  await press(tab, 'Escape')
  assert.match(await focused(tab), /^button Columns/)
  await tabTo(tab, /^div Calls by actor/)
  await press(tab, 'End')
  await tab.page.waitForFunction(() => document.querySelector('[aria-label="Calls by actor"]').scrollTop > 0)
  await tab.go('/data')
  await tabTo(tab, /^button Events/)
  await press(tab, 'Enter')
  await tab.settled()
  assert.equal(tab.param('sources.sort'), 'events:desc')
  assert.match(await focused(tab), /^button Events/, 'the focus stays')
  assert.equal(await tab.page.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending')
})

test('the menu of a narrow window', async (t) => {
  const tab = await chromium.open(t, '/', { width: 320 })
  await tabTo(tab, /^button Menu/)
  await press(tab, 'Enter')
  await tabTo(tab, /^a Cost/)
  await press(tab, 'Escape')
  assert.match(await focused(tab), /^button Menu/, 'Escape closes the menu, and the focus is on its button')
  await press(tab, 'Enter')
  await tabTo(tab, /^a Cost/)
  await press(tab, 'Enter')
  await tab.page.waitForURL(/\/cost/)
  await tab.settled()
  assert.equal(await focused(tab), 'h1 Cost')
  assert.equal(await tab.page.getByRole('button', { name: 'Menu' }).getAttribute('aria-expanded'), 'false')
})

for (const [theme, wanted] of [['light', /./], ['dark', /cost|inventory|rules/]]) {
  test(`whatever has the focus is seen, ${theme}`, async (t) => {
    for (const { path } of (await pages(chromium.polo)).filter((p) => wanted.test(p.name))) {
      const tab = await chromium.open(t, path, { theme })
      const unseen = []
      for (let i = 0; i < 40; i++) {
        await press(tab, 'Tab')
        const fault = await tab.page.evaluate(focusFault)
        if (fault) unseen.push(fault)
      }
      assert.deepEqual([...new Set(unseen)], [], `focus that is not seen on ${path}`)
      await tab.close()
    }
  })
}

/** Runs in the page: says why the focus cannot be seen, or nothing. */
function focusFault() {
  const e = document.activeElement
  if (e === document.body || e === document.documentElement) return ''
  const style = getComputedStyle(e)
  const box = e.getBoundingClientRect()
  const name = `${e.tagName} ${e.className} ${(e.getAttribute('aria-label') ?? e.textContent).trim().slice(0, 30)}`
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `no outline: ${name}`
  if (box.width === 0 || box.height === 0) return `no size: ${name}`
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return `outside of the window: ${name}`
  // What lies above it at its middle, such as a bar that sticks, must not hide it.
  const at = document.elementFromPoint(Math.min(Math.max(box.left + Math.min(box.width, 20) / 2, 0), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 0), innerHeight - 1))
  if (at && !e.contains(at) && !at.contains(e) && !e.labels?.[0]?.contains(at)) return `hidden by ${at.tagName}.${at.className}: ${name}`
  return ''
}
