// A tab of the browser, and what is true of every page: nothing on the console, nothing that the Content-Security-Policy refuses.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { launch } from './chromium.mjs'
import { stack } from './stack.mjs'
import { watch } from './watch.mjs'

/**
 * Starts Chromium for the tests of a file. open(t, path, options) gives a tab that ends with its test. Tabs of the same options share a profile, which
 * keeps the application's files, unless fresh asks for one of its own.
 */
export function browser() {
  let chromium
  const profiles = new Map()
  const here = {
    polo: undefined,
    async open(t, path, options = {}) {
      const { fresh, ...set } = { ...usual, ...options }
      const key = JSON.stringify(set)
      const profile = (fresh ? undefined : profiles.get(key)) ?? (await profileOf(chromium, here.polo, set))
      if (!fresh) profiles.set(key, profile)
      const tab = new Tab(here.polo, profile, await profile.newPage())
      t.after(() => tab.close())
      if (fresh) t.after(() => profile.close())
      if (path) await tab.go(path)
      return tab
    },
  }
  before(async () => {
    here.polo = await stack()
    chromium = await launch()
  })
  after(() => chromium?.close())
  return here
}

/** How a person has set up the browser. Neither the zone nor the language is the API's, so that a page that follows them is found out. */
const usual = { theme: 'light', width: 1280, height: 900, motion: 'reduce', timezoneId: 'Pacific/Auckland', locale: 'de-DE', signedIn: true, fresh: false }

async function profileOf(chromium, polo, { theme, width, height, motion, timezoneId, locale, signedIn }) {
  const context = await chromium.newContext({
    baseURL: polo.origin, viewport: { width, height }, colorScheme: theme, reducedMotion: motion, timezoneId, locale, acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(20_000)
  if (signedIn) await context.addCookies([{ ...polo.cookie, url: polo.origin, httpOnly: true, sameSite: 'Strict' }])
  await context.addInitScript(watch)
  return context
}

class Tab {
  /** Paths that were asked of the API, in order. */
  asked = []
  /** Errors on the console, uncaught errors and violations of the policy. */
  problems = []
  #waiting = new Set()
  #changed = Date.now()
  #tolerated = []

  constructor(polo, context, page) {
    this.polo = polo
    this.context = context
    this.page = page
    this.#listen()
  }

  #listen() {
    const { page } = this
    page.on('console', (message) => message.type() === 'error' && this.problems.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.message}`))
    const ends = (request) => {
      this.#waiting.delete(request)
      this.#changed = Date.now()
    }
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url())
      if (pathname.startsWith('/api/')) this.asked.push(pathname + search)
      this.#waiting.add(request)
      this.#changed = Date.now()
    })
    page.on('requestfinished', ends)
    page.on('requestfailed', ends)
  }

  /** Errors like this are what the test brings about. */
  expects(pattern) {
    this.#tolerated.push(pattern)
  }

  /** Loads an address as if it were typed, and waits until all is there. */
  async go(path) {
    await this.page.goto(path)
    await this.settled()
  }

  /** Waits until every tile has its answer, and nothing more is asked. */
  async settled() {
    for (const end = Date.now() + 30_000; ; ) {
      const quiet = this.#waiting.size === 0 && Date.now() - this.#changed > 80
      if (quiet && (await this.page.evaluate(() => document.querySelector('h1') !== null && document.querySelector('[aria-busy="true"]') === null))) break
      if (Date.now() > end) throw new Error(`${this.address}: still waiting for ${[...this.#waiting].map((r) => r.url()).join(' ') || 'a tile'}`)
      await new Promise((done) => setTimeout(done, 25))
    }
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  }

  /** Does what leads to another state, and waits for that. */
  async act(what) {
    await what
    await this.settled()
  }

  /** The path and query that the browser shows. */
  get address() {
    const { pathname, search } = new URL(this.page.url())
    return pathname + search
  }

  /** Of the parameters of the address, one. */
  param(name) {
    return new URL(this.page.url()).searchParams.get(name)
  }

  /** The part of the page with this heading. */
  tile(title) {
    return this.page.getByRole('region', { name: title, exact: typeof title === 'string' })
  }

  /** What the page saw of itself: see watch.mjs. */
  seen(name) {
    return this.page.evaluate((n) => JSON.parse(JSON.stringify(window.polo[n])), name)
  }

  async close() {
    const violations = await this.seen('violations').catch(() => [])
    const problems = [...this.problems, ...violations].filter((p) => !this.#tolerated.some((t) => t.test(p)))
    await this.page.close()
    assert.deepEqual(problems, [], 'errors on the console')
  }
}
