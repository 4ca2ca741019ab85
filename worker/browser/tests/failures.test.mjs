// What a person sees when the API does not answer, answers late, or with nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const id = '0f5c2a4e-1111-4222-8333-444455556666'
const unavailable = { status: 503, contentType: 'application/json', body: JSON.stringify({ error: { code: 'unavailable', message: 'ClickHouse does not answer.' }, request_id: id }) }
const query = (name) => new RegExp(`/api/query/${name}(\\?|$)`)

/** Opens a page on which these requests fail. */
async function broken(t, path, pattern, answer = unavailable) {
  const tab = await chromium.open(t)
  tab.expects(/Failed to load resource/)
  await tab.page.route(pattern, (route) => route.fulfill(answer))
  await tab.go(path)
  return tab
}

test('one query fails: its tile says so, with the request, and the others live', async (t) => {
  const tab = await broken(t, '/cost', query('cost_compare'))
  const tile = tab.tile('By service')
  const alert = tile.getByRole('alert')
  assert.match(await alert.innerText(), /ClickHouse does not answer\./)
  assert.match(await alert.innerText(), new RegExp(id))
  assert.equal(await tab.page.getByRole('alert').count(), 1, 'no other tile fails')
  assert.ok((await tab.page.locator('main .money').count()) > 3, 'the others show their amounts')
  await tab.page.unroute(query('cost_compare'))
  await tab.act(tile.getByRole('button', { name: 'Try again' }).click())
  assert.equal(await alert.count(), 0, 'once the API answers again, so does the tile')
  assert.ok((await tile.locator('tbody tr').count()) > 0)
})

test('a query that fails again says so again, and can be asked again', async (t) => {
  const tab = await broken(t, '/changes', query('activity_changes'))
  const before = tab.asked.filter((p) => p.includes('activity_changes')).length
  await tab.act(tab.page.getByRole('button', { name: 'Try again' }).click())
  assert.equal(tab.asked.filter((p) => p.includes('activity_changes')).length, before + 1)
  assert.ok(await tab.page.getByRole('button', { name: 'Try again' }).isVisible())
})

for (const path of ['/', '/cost', '/anomalies', '/inventory', '/changes', '/rules', '/data']) {
  test(`all queries fail: ${path}`, async (t) => {
    const tab = await broken(t, path, /\/api\/query\//)
    const tiles = tab.page.locator('main section.tile')
    const failed = tab.page.locator('main section.tile', { has: tab.page.getByRole('alert') })
    assert.ok((await tiles.count()) > 0)
    assert.equal(await failed.count(), await tiles.count(), 'every tile says that it has no answer')
    assert.equal(await tab.page.locator('main .skeleton').count(), 0, 'none waits for ever')
    assert.ok(await tab.page.getByRole('heading', { level: 1 }).isVisible())
  })
}

test('faults of parameters are told', async (t) => {
  const body = JSON.stringify({ error: { code: 'bad_parameter', message: 'a parameter is wrong', faults: [{ param: 'from', message: 'is before 2000' }] }, request_id: id })
  const tab = await broken(t, '/cost', query('cost_movers'), { status: 400, contentType: 'application/json', body })
  assert.match(await tab.tile(/^What moved most/).getByRole('alert').innerText(), /from: is before 2000/)
})

for (const [what, answer] of [
  ['an answer that is no JSON', { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }],
  ['an answer that is cut off', { status: 200, contentType: 'application/json', body: '{"query":"cost_compare","rows":[{"val' }],
]) {
  test(what, async (t) => {
    const tab = await broken(t, '/cost', query('cost_compare'), answer)
    assert.match(await tab.tile('By service').getByRole('alert').innerText(), /cut off or is no JSON/)
  })
}

test('the network is gone', async (t) => {
  const tab = await chromium.open(t)
  tab.expects(/Failed to load resource|ERR_/)
  await tab.page.route(query('cost_compare'), (route) => route.abort('internetdisconnected'))
  await tab.go('/cost')
  assert.match(await tab.tile('By service').getByRole('alert').innerText(), /could not be reached/)
})

test('a slow answer: the tile says that it still asks', async (t) => {
  const tab = await chromium.open(t)
  let release
  const held = new Promise((done) => (release = done))
  await tab.page.route(query('cost_compare'), async (route) => {
    await held
    await route.continue()
  })
  await tab.page.goto('/cost')
  const tile = tab.tile('By service')
  await tile.getByText('still asking').waitFor()
  assert.equal(await tile.getAttribute('aria-busy'), 'true')
  release()
  await tab.settled()
  assert.equal(await tile.getByText('still asking').count(), 0)
  assert.ok((await tile.locator('tbody tr').count()) > 0)
})

for (const [path, says] of [
  ['/cost', ['Nothing cost anything in these days', 'No cost in these days', 'Nothing cost more or less', 'None in these days']],
  ['/changes', ['Nothing was created, updated or deleted in these days']],
  ['/changes?view=denied', ['Nobody was refused anything in these days']],
  ['/anomalies', ['Every day that could be judged was as expected']],
]) {
  test(`nothing was found: ${path}`, async (t) => {
    const tab = await chromium.open(t, `${path}${path.includes('?') ? '&' : '?'}from=2001-01-01&until=2001-01-02`)
    for (const text of says) assert.ok(await tab.page.getByText(text).first().isVisible(), text)
  })
}

test('no resource is like this', async (t) => {
  const tab = await chromium.open(t, '/inventory?customer=nobody')
  assert.ok(await tab.page.getByText('No resource with customer nobody').isVisible())
  await tab.go('/inventory?q=zzzzzz')
  assert.ok(await tab.page.getByText('No resource “zzzzzz”').first().isVisible())
})

test('a resource that nobody knows', async (t) => {
  const tab = await chromium.open(t, '/resource?arn=arn:aws:s3:::nothing-like-this')
  assert.equal(await tab.page.getByRole('heading', { level: 1 }).innerText(), 'Unknown resource')
})

test('a newer question ends the older one', async (t) => {
  const tab = await chromium.open(t, '/inventory')
  const aborted = []
  tab.page.on('requestfailed', (r) => aborted.push(r.url()))
  await tab.page.route(query('resource_search'), async (route) => {
    if (route.request().url().includes('q=ac&') || route.request().url().endsWith('q=ac')) await new Promise((done) => setTimeout(done, 3000))
    await route.continue().catch(() => undefined)
  })
  const box = tab.page.getByRole('searchbox')
  await box.fill('ac')
  await tab.page.waitForURL(/q=ac$/)
  await box.fill('acme')
  await tab.page.waitForURL(/q=acme$/)
  await tab.settled()
  assert.equal(await box.inputValue(), 'acme')
  assert.ok(aborted.some((url) => /resource_search.*q=ac(&|$)/.test(url)), `the request for "ac" goes on: ${aborted}`)
})
