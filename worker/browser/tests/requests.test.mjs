// What each page asks the API for. POLO_BROWSER_REQUESTS names a file that gets it, for bench/dashboard, which asks the same again.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { pages } from '../lib/pages.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const asked = {}

test('every question has a query, and is asked once', async (t) => {
  for (const { name, path } of await pages(chromium.polo)) {
    await t.test(name, async (t) => {
      const tab = await chromium.open(t)
      const headers = []
      tab.page.on('request', (r) => r.url().includes('/api/') && headers.push([r.url(), r.headers()]))
      await tab.go(path)
      const paths = tab.asked.filter((p) => p.startsWith('/api/query/'))
      const questions = paths.map((p) => p.replace(/([?&])(?:[^=&]+=(?:&|$))+/, '$1')) // an empty list is as none
      assert.deepEqual(questions.filter((q, i) => questions.indexOf(q) < i), [], 'asked twice')
      for (const [url, h] of headers) {
        assert.equal(h['x-requested-with'], 'XMLHttpRequest', url) // without it Access answers with its login page
        if (url.includes('/api/query/')) assert.match(h['polo-tile'], /^[A-Za-z0-9._-]{1,64}$/, url)
      }
      asked[path] = paths
    })
  }
})

after(() => {
  const file = process.env.POLO_BROWSER_REQUESTS
  const some = Object.fromEntries(Object.entries(asked).filter(([, paths]) => paths.length > 0))
  if (file) writeFileSync(file, `${JSON.stringify(some, null, 2)}\n`)
})
