// Who may see the dashboard, and what becomes of a page whose session ends.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const page = '/cost?by=customer&from=month-1m&until=month&customer=acme,globex'

/** Sends a request as no browser would, and returns its status and text. */
function raw(path, headers = {}) {
  const { hostname, port } = new URL(chromium.polo.origin)
  return new Promise((done, fail) => {
    const r = request({ hostname, port, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => done({ status: response.statusCode, text }))
    })
    r.on('error', fail)
    r.end()
  })
}
const cookie = () => `${chromium.polo.cookie.name}=${chromium.polo.cookie.value}`

test('without a session: the sign-in page, and the key leads to the page that was asked for', async (t) => {
  const tab = await chromium.open(t, null, { signedIn: false, fresh: true })
  tab.expects(/status of 401/)
  assert.equal((await tab.page.goto(page)).status(), 401)
  assert.equal(await tab.page.title(), 'Sign in - Polo')
  await tab.page.getByLabel('Key').fill('WRONGWRONGWRONGWRONGWRONG1')
  await tab.page.getByRole('button', { name: 'Sign in' }).click()
  assert.equal(await tab.page.getByRole('alert').innerText(), 'This key is wrong.')
  assert.equal((await tab.context.cookies()).length, 0, 'a wrong key makes no session')
  await tab.page.getByLabel('Key').fill(chromium.polo.key)
  await tab.page.getByRole('button', { name: 'Sign in' }).click()
  await tab.page.waitForURL(`${chromium.polo.origin}${page}`)
  await tab.settled()
  assert.equal(await tab.page.locator('h1').innerText(), 'Cost')
})

test('the link that polo up prints signs in, and the key is not left in the address', async (t) => {
  const tab = await chromium.open(t, null, { signedIn: false, fresh: true })
  await tab.go(chromium.polo.link)
  assert.equal(tab.address, '/')
  assert.equal(await tab.page.locator('h1').innerText(), 'Home')
  const [kept] = await tab.context.cookies()
  assert.deepEqual([kept.httpOnly, kept.sameSite], [true, 'Strict'])
  assert.equal(await tab.page.evaluate(() => document.cookie), '', 'a script cannot read the session')
})

test('a link with a wrong key does not', async (t) => {
  const tab = await chromium.open(t, null, { signedIn: false, fresh: true })
  tab.expects(/status of 401/)
  await tab.page.goto(`/?key=${chromium.polo.key.slice(0, -1)}`)
  assert.equal(await tab.page.title(), 'Sign in - Polo')
})

test('another host or origin is refused, with the cookie too', async () => {
  const own = new URL(chromium.polo.origin).host
  assert.equal((await raw('/api/me', { cookie: cookie() })).status, 200)
  for (const [what, headers] of [
    ['a host that leads here by DNS', { host: 'polo.attacker.example' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a page of another origin', { host: own, origin: 'http://attacker.example' }],
    ['a page of another port', { host: own, origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', { host: own, origin: 'null' }],
    ['a picture on another site', { host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  ]) {
    const { status, text } = await raw('/api/me', { ...headers, cookie: cookie() })
    assert.equal(status, 403, `${what}: ${text}`)
    assert.ok(!text.includes('@'), text)
  }
  assert.equal((await raw('/api/me')).status, 401)
})

test('a page of another origin reads nothing, in a browser that is signed in', async (t) => {
  const tab = await chromium.open(t, null, { fresh: true })
  tab.expects(/CORS|ERR_|status of 40[13]/)
  await tab.page.route('http://attacker.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Hello</h1>' }))
  await tab.page.goto('http://attacker.example/')
  const read = await tab.page.evaluate(async (origin) => {
    const answers = []
    for (const mode of ['cors', 'no-cors']) {
      answers.push(await fetch(`${origin}/api/me`, { mode, credentials: 'include' }).then((r) => `${r.type} ${r.status}`, () => 'refused'))
    }
    return answers
  }, chromium.polo.origin)
  for (const answer of read) assert.match(answer, /^(refused|opaque 0)$/)
})

const over = {
  'answers 401': { status: 401, contentType: 'application/json', body: JSON.stringify({ error: { code: 'unauthenticated', message: 'sign in' }, request_id: 'x' }) },
  'redirects to its login': { status: 302, headers: { location: 'https://login.example/cdn-cgi/access/login' }, body: '' },
}
for (const [how, answer] of Object.entries(over)) {
  test(`the session is over, and the API ${how}: the page stays, and offers to sign in`, async (t) => {
    const tab = await chromium.open(t, page, { fresh: true })
    tab.expects(/Failed to load resource/)
    const total = await tab.page.locator('main dd .money').first().getAttribute('title')
    await tab.page.getByRole('button', { name: 'Add a filter' }).click()
    await tab.page.getByLabel('Search values').fill('typed and not lost')
    await tab.page.route(/\/api\//, (route) => route.fulfill(answer))
    await tab.page.getByLabel('Narrow by').selectOption('region')
    await tab.settled()
    const banner = tab.page.getByRole('alert').filter({ hasText: 'Your session is over.' })
    await banner.waitFor()
    assert.equal(await banner.getByRole('link', { name: 'Sign in' }).getAttribute('href'), tab.address, 'signing in comes back here')
    assert.equal(tab.address, page)
    assert.equal(await tab.page.locator('main dd .money').first().getAttribute('title'), total, 'what was seen stays')
    assert.equal(await tab.page.locator('main dd .money').first().isVisible(), true)
  })
}

test('after signing in again the page is as before', async (t) => {
  const tab = await chromium.open(t, page, { fresh: true })
  tab.expects(/status of 401/)
  const before = await tab.page.locator('main').innerText()
  await tab.context.clearCookies()
  await tab.act(tab.page.getByRole('navigation', { name: 'Step' }).getByRole('link', { name: 'Week' }).click())
  assert.equal(tab.param('step'), 'week', 'the choice is in the address, though it has no answer')
  await tab.page.getByRole('link', { name: 'Sign in' }).click()
  await tab.page.getByLabel('Key').fill(chromium.polo.key)
  await tab.page.getByRole('button', { name: 'Sign in' }).click()
  await tab.page.waitForURL(`${chromium.polo.origin}${page}&step=week`)
  await tab.settled()
  assert.match(await tab.page.locator('main').innerText(), /Cost by week/)
  await tab.act(tab.page.getByRole('navigation', { name: 'Step' }).getByRole('link', { name: 'Auto' }).click())
  assert.equal(await tab.page.locator('main').innerText(), before)
})

test('what is typed stays when the session ends', async (t) => {
  const tab = await chromium.open(t, '/inventory', { fresh: true })
  tab.expects(/status of 401/)
  await tab.context.clearCookies()
  const box = tab.page.getByRole('searchbox')
  await box.fill('acme')
  await tab.page.getByText('Your session is over.').first().waitFor()
  await tab.settled()
  assert.equal(await box.inputValue(), 'acme')
  assert.equal(tab.param('q'), 'acme', 'and comes back with the address')
})
