// Alerts: what is wrong, why, who was told, what is silenced, and evaluations that stopped. Rows are those that the command line gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertEvents } from '../lib/alerts.mjs'
import { opened, resource } from '../lib/pages.mjs'
import { shoot } from '../lib/shots.mjs'
import { assertTable, count, text, time } from '../lib/table.mjs'
import { browser } from '../lib/tab.mjs'

const chromium = browser()
const words = async (locator) => (await locator.allInnerTexts()).map((t) => t.replace(/\s+/g, ' ').trim())
let group

test('without an evaluation the page says so, loudly', async (t) => {
  const tab = await chromium.open(t, '/alerts', { fresh: true })
  if ((await chromium.polo.query('alert_runs', { days: 400 })).rows.length > 0) return t.skip('the data are kept from a run before')
  assert.match(await tab.page.getByRole('alert').innerText(), /^Evaluations stopped\. No evaluation finished/)
  await tab.tile('Open alerts').or(tab.tile('0 open alerts')).waitFor()
})

test('with alerts', async (t) => {
  group = await resource(chromium.polo, opened)
  await chromium.polo.insert(alertEvents({ account: group.account_id, arn: group.arn }))
  const ask = async (name, params) => (await chromium.polo.query(name, params)).rows

  await t.test('what is open, the worst first, and who was told', async (t) => {
    const tab = await chromium.open(t, '/alerts', { fresh: true })
    const open = await ask('alerts', { limit: 5000 })
    assert.deepEqual(open.map((r) => r.alert), ['violation_high', 'stale_source', 'cost_anomaly'])
    const tile = tab.tile('3 open alerts')
    assert.deepEqual(await words(tile.locator('li > .what .row code')), open.map((r) => r.alert))
    assert.deepEqual(await tile.locator('li > .since time').evaluateAll((all) => all.map((e) => e.dateTime)), open.map((r) => r.since.replace(' ', 'T').replace(/Z?$/, 'Z')))
    await tile.locator(`a[title="${group.arn}"]`).waitFor()
    assert.match(await tile.innerText(), /1,034\.50\s+USD/)
    assert.match(await tile.innerText(), /pagerduty NOT told: sending failed .*: PagerDuty answered 500/)
    assert.match(await tile.innerText(), /Silenced until .* by ada: the trail is being moved/)
    assert.match(await tab.page.getByRole('alert').innerText(), /A notification could not be sent on pagerduty/)
    assert.equal(await tab.page.getByText('Evaluations stopped').count(), 0)
    const link = tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Alerts/ })
    assert.equal((await link.innerText()).replace(/\s+/g, ' ').trim(), 'Alerts 3 open')
    await assertTable(tab, 'The last evaluations', await ask('alert_runs', { limit: 100 }), { Due: time('scheduled'), Sent: count('sent'), Failed: count('failed') })
    await assertTable(tab, 'Who silenced what', await ask('alert_silences'), { Reason: text('reason'), Until: time('expires') })
  })

  await t.test('an episode that a message links to: its text, query, history and notifications', async (t) => {
    const tab = await chromium.open(t, '/alerts?alert=stale_source&episode=e-stale', { fresh: true })
    await tab.page.getByText('The query', { exact: true }).click()
    const sql = await tab.page.getByRole('region', { name: 'The query of stale_source' }).innerText()
    assert.match(sql, /SELECT/)
    await assertTable(tab, 'Changes of state', await ask('alert_history', { episode: 'e-stale', days: 4000 }), { Evaluation: time('time') })
    await assertTable(tab, 'Who was told', await ask('alert_notifications', { episode: 'e-stale', days: 4000 }), { At: time('changed_at'), Channel: text('channel') })
    await tab.tile('What it found').locator('li > .what').first().waitFor()
    assert.equal(await tab.tile('What it found').locator('li > .what').count(), 1)
    await tab.act(tab.page.getByRole('link', { name: 'All alerts' }).click())
    assert.equal(tab.address, '/alerts')
    await tab.tile('3 open alerts').waitFor()
  })

  await t.test('the command that silences', async (t) => {
    const tab = await chromium.open(t, '/alerts')
    await tab.page.getByRole('button', { name: /^Silence Source that went quiet/ }).click()
    assert.equal(await tab.page.getByRole('region', { name: 'The command that silences it' }).innerText(), 'polo alerts silence stale_source --label source=aws.cloudtrail --label kind=activity --for 4h --reason "WHY" --author NAME')
  })

  for (const [name, options] of Object.entries({ light: {}, dark: { theme: 'dark' }, narrow: { width: 320 } })) {
    await t.test(`screenshots, ${name}`, async (t) => {
      for (const [page, path] of Object.entries({ alerts: '/alerts', alert: '/alerts?alert=stale_source&episode=e-stale', 'alert-all': '/alerts?alert=cost_anomaly' })) {
        const tab = await chromium.open(t, path, options)
        await shoot(tab.page, `${page}-filled-${name}`)
        const wide = await tab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`)
      }
    })
  }

  await t.test('evaluations that stopped', async (t) => {
    const tab = await chromium.open(t, null, { fresh: true })
    await tab.page.route(/alert_runs/, async (route) => {
      const answer = await route.fetch()
      const body = await answer.json()
      for (const row of body.rows) row.scheduled = row.scheduled.replace(/^\d{4}/, '2020')
      await route.fulfill({ response: answer, json: body })
    })
    await tab.go('/alerts')
    await tab.page.getByText('Evaluations stopped.').waitFor()
  })
})
