// What package alerts publishes, as events: an organisation with alerts of every state.
import { randomUUID } from 'node:crypto'

const clock = (ms) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')

/** Returns the events. minutes is how long ago the newest evaluation ended. */
export function alertEvents({ account, arn, minutes = 2 }) {
  const now = Date.now()
  const ago = (m) => now - m * 60_000
  const rows = []
  const add = (event_type, at, fields, observed = at) => rows.push({ event_id: randomUUID(), event_type, source: 'polo.alerts', platform: 'aws', ts: clock(at), observed_at: clock(observed), ...fields })
  const change = (fingerprint, alert, title, severity, from, state, at, { episode = '', fired, labels, values = {} }) => add('alert.transitioned', at, {
    resource_id: fingerprint, state, account_id: labels.account_id ?? '', arn: labels.arn ?? '',
    properties: { alert, title, severity, from, on: 'firing', since: new Date(at).toISOString(), count: '1', episode, labels: JSON.stringify(labels), values: JSON.stringify(values), ...(fired ? { fired_at: new Date(fired).toISOString() } : {}) },
  })
  const notify = (alert, fingerprint, episode, transition, channel, state, at, error = '') => add('alert.notified', at, {
    resource_id: randomUUID(), state, properties: { alert, fingerprint, episode, transition, channel, repetition: '0', attempts: '1', marked_repeated: 'false', uncertain: 'false', error },
  })
  const silence = (pattern, labels, reason, state, starts, expires) => add('alert.silenced', starts, {
    resource_id: randomUUID(), state, actor: 'ada', properties: { pattern, labels: JSON.stringify(labels), author: 'ada', reason, starts: new Date(starts).toISOString(), expires: new Date(expires).toISOString() },
  })
  const run = (at, state, outcome) => {
    const token = randomUUID()
    add('alert.claimed', at, { resource_id: token, state: 'claimed', properties: { run: token } })
    if (state) add('alert.evaluated', at, { resource_id: token, state, properties: { run: token, repeated: 'false', ...outcome } }, at + 4000)
  }

  const spike = { grain: 'account', account_id: account, currency: 'USD', first_day: clock(ago(2 * 1440)).slice(0, 10) }
  change('f-spike', 'cost_anomaly', 'Cost that its past does not explain', 'high', '', 'firing', ago(125), { episode: 'e-spike', fired: ago(125), labels: spike, values: { kind: 'spike', cost: '1234.5', expected: '200', excess: '1034.5', contributors: '["EC2 BoxUsage:p4d.24xlarge"]' } })
  const stale = { source: 'aws.cloudtrail', kind: 'activity' }
  change('f-stale', 'stale_source', 'Source that went quiet', 'high', '', 'pending', ago(50), { labels: stale, values: { silent: '7300' } })
  change('f-stale', 'stale_source', 'Source that went quiet', 'high', 'pending', 'firing', ago(45), { episode: 'e-stale', fired: ago(45), labels: stale, values: { silent: '7600' } })
  change('f-open', 'violation_high', 'Severe violation of a rule', 'critical', '', 'firing', ago(30), { episode: 'e-open', fired: ago(30), labels: { rule: 'world_open_ports', account_id: account, arn }, values: { title: 'Ports open to the world' } })
  change('f-root', 'root_sign_in', 'Root user in use', 'critical', '', 'firing', ago(1500), { episode: 'e-root', fired: ago(1500), labels: { account_id: account, use: 'sign-in' }, values: { times: '2' } })
  change('f-root', 'root_sign_in', 'Root user in use', 'critical', 'firing', 'resolved', ago(200), { episode: 'e-root', fired: ago(1500), labels: { account_id: account, use: 'sign-in' }, values: { times: '2' } })
  change('f-untagged', 'untagged_spend', 'Spend without an owner', 'low', '', 'pending', ago(7), { labels: { account_id: account, currency: 'USD' }, values: { share: '31' } })
  notify('violation_high', 'f-open', 'e-open', 'firing', 'slack-security', 'sent', ago(30))
  notify('violation_high', 'f-open', 'e-open', 'firing', 'pagerduty', 'failed', ago(12), 'PagerDuty answered 500')
  notify('stale_source', 'f-stale', 'e-stale', 'firing', 'slack-security', 'silenced', ago(45))
  notify('cost_anomaly', 'f-spike', 'e-spike', 'firing', 'email-finance', 'sent', ago(125))
  notify('root_sign_in', 'f-root', 'e-root', 'resolved', 'slack-security', 'sent', ago(200))
  silence('stale_*', { source: 'aws.*' }, 'the trail is being moved', 'active', ago(60), ago(-180))
  silence('*', { account_id: account }, 'maintenance', 'revoked', ago(900), ago(-600))
  for (let i = 0; i < 4; i++) run(ago(minutes + 5 * i), 'finished', { alerts: '12', errors: i === 2 ? '1' : '0', open: '3', sent: '1', failed: i === 0 ? '1' : '0', silenced: '1' })
  return rows
}
