// axe finds nothing on any page, in both themes, with menus open and on a narrow screen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import { pages } from '../lib/pages.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const all = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } // all that a theme changes

/** Asserts that axe finds nothing, in the state of the page now, or in a part of it. */
async function clean(tab, where, { part = 'html', rules = all } = {}) {
  if (!(await tab.page.evaluate(() => 'axe' in window))) await tab.page.evaluate(axe.source)
  const { violations, passes } = await tab.page.evaluate(([include, runOnly]) => window.axe.run(include, { runOnly, resultTypes: ['violations'] }), [part, rules])
  assert.ok(passes.length > (rules === all ? 4 : 0), `${where}: axe judged ${passes.length} rules`)
  const told = violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary.split('\n').slice(1).join(';').trim()}`))
  assert.deepEqual(told, [], where)
}

/** Opens what can be opened, one after another, and each kind once: "Exempt" of a hundred rows is one. */
async function openAll(tab, visit) {
  const seen = new Set()
  const kinds = await tab.page.locator('button[aria-expanded="false"]:visible').evaluateAll((all) => all.map((e) => e.innerText.replace(/\d+|\bof .*/g, '').trim()))
  for (const [i, kind] of kinds.entries()) {
    if (seen.has(kind)) continue
    seen.add(kind)
    await tab.page.locator('button[aria-expanded]:visible').nth(i).click()
    await tab.settled()
    await visit(kind)
    await tab.page.keyboard.press('Escape')
    const open = tab.page.locator('button[aria-expanded="true"]:visible')
    if (await open.count()) await open.first().click()
  }
}

for (const [theme, rules] of Object.entries({ light: all, dark: colours })) {
  test(theme, async (t) => {
    for (const { name, path } of await pages(chromium.polo)) {
      await t.test(name, async (t) => {
        const tab = await chromium.open(t, path, { theme })
        await clean(tab, path, { rules })
        await openAll(tab, async (kind) => clean(tab, `${path}, open: ${kind}`, { rules, part: (await tab.page.locator('.panel').count()) ? '.popover:has(.panel)' : 'main' }))
      })
    }
  })
}

test('at 320 pixels, with the menu', async (t) => {
  for (const { name, path } of await pages(chromium.polo)) {
    await t.test(name, async (t) => {
      const tab = await chromium.open(t, path, { width: 320 })
      await clean(tab, path)
      await tab.page.getByRole('button', { name: 'Menu' }).click()
      await clean(tab, `${path}, the menu`)
    })
  }
})

test('without answers', async (t) => {
  for (const path of ['/', '/cost', '/inventory']) {
    const tab = await chromium.open(t)
    tab.expects(/Failed to load resource/)
    await tab.page.route(/\/api\/query\//, (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":"unavailable","message":"ClickHouse does not answer."},"request_id":"a-b-c"}' }))
    await tab.go(path)
    await clean(tab, `${path}, failed`)
    await tab.page.route(/\/api\//, (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"error":{"code":"unauthenticated","message":"Sign in."},"request_id":"a-b-c"}' }))
    await tab.act(tab.page.getByRole('button', { name: 'Try again' }).first().click())
    await clean(tab, `${path}, the session is over`)
  }
})

test('signing in', async (t) => {
  for (const theme of ['light', 'dark']) {
    const tab = await chromium.open(t, null, { theme, signedIn: false, fresh: true })
    tab.expects(/status of 401/)
    await tab.page.goto('/cost')
    await clean(tab, `the sign-in page, ${theme}`)
  }
})
