// Every page on every kind of screen: nothing wider than the window, nothing that moves while it loads, nothing on the console.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pages } from '../lib/pages.mjs'
import { shoot } from '../lib/shots.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const screens = [
  { name: 'light-1280', theme: 'light', width: 1280, motion: 'no-preference', shot: true },
  { name: 'dark-1280', theme: 'dark', width: 1280, motion: 'no-preference', shot: true },
  { name: 'light-320', theme: 'light', width: 320, motion: 'no-preference', shot: true },
  { name: 'dark-2560', theme: 'dark', width: 2560, height: 1440 },
]
const steady = 0.02 // of layout shifts in all, on a page that loads
const loads = 3 // the steadiest counts: where answers are late because the machine is busy, a page shows what it has, and then the rest

/** What moved while the page loaded. */
async function shifts(tab) {
  const all = await tab.seen('shifts')
  return { sum: all.reduce((sum, s) => sum + s.value, 0), told: all.map((s) => `${s.value.toFixed(3)} ${s.of.join(', ')}`).join('; ') }
}

for (const { shot, ...screen } of screens) {
  test(screen.name, async (t) => {
    for (const { name, path, title } of await pages(chromium.polo)) {
      await t.test(name, async (t) => {
        const tab = await chromium.open(t, path, screen)
        if (shot) await shoot(tab.page, `${name}-${screen.name}`)
        if (title) assert.equal(await tab.page.locator('h1').innerText(), title)
        await tab.page.waitForFunction(() => document.title === `${document.querySelector('h1').innerText} · Polo`)
        assert.equal(await tab.page.getByText('No answer.').count(), 0, 'a tile has no answer')
        const { wide, window, out } = await tab.page.evaluate(widths)
        assert.ok(wide <= window, `the page is ${wide} px wide in a window of ${window}: ${out}`)
        if (screen.motion !== 'no-preference') assert.equal(await tab.page.evaluate(moving), 0, 'something moves, though less motion is asked for')
        let least = await shifts(tab)
        for (let tries = 1; least.sum >= steady && tries < loads; tries++) {
          await tab.page.reload()
          await tab.settled()
          const again = await shifts(tab)
          if (again.sum < least.sum) least = again
        }
        assert.ok(least.sum < steady, `layout shifts of ${least.sum.toFixed(3)}: ${least.told}`)
      })
    }
  })
}

/** Runs in the page: how wide it is, and what sticks out of the window. */
function widths() {
  const window = document.documentElement.clientWidth
  const inside = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) if (getComputedStyle(at).overflowX !== 'visible') return true
    return false
  }
  const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > window + 1 && !inside(e)).slice(0, 5)
  return { wide: document.documentElement.scrollWidth, window, out: out.map((e) => `${e.nodeName}.${e.className} ${e.textContent.trim().slice(0, 40)}`).join('; ') }
}

/** Runs in the page: how many animations run. */
function moving() {
  return document.getAnimations().filter((a) => a.playState === 'running').length
}
