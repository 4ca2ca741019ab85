import { describe, expect, test } from 'vitest'
import { kindOf } from '../../app/src/lib/columns'
import * as platforms from '../../app/src/lib/platforms'

describe('platforms', () => {
  test.each([['aws', 'AWS'], ['github', 'GitHub'], ['cloudflare', 'Cloudflare'], ['datadog', 'Datadog'], ['gcp', 'gcp'], ['(none)', '(none)'], ['constructor', 'constructor'], ['', '']])('%j is written %j', (platform, name) => expect(platforms.platformName(platform)).toBe(name))

  test.each([
    [['datadog', 'aws', 'cloudflare', 'github', 'aws'], ['aws', 'github', 'cloudflare', 'datadog']],
    [['zeta', 'datadog', 'alpha', 'aws'], ['aws', 'datadog', 'alpha', 'zeta']],
    [[], []],
  ])('%j in order are %j', (given, ordered) => expect(platforms.inOrder(given)).toEqual(ordered))

  test.each([['github.audit_log', 'github'], ['aws.cur', 'aws'], ['github', 'github'], ['', '']])('the source %j is of %j', (source, platform) => expect(platforms.platformOf(source)).toBe(platform))

  test('a column of platforms is known by its name', () => expect(kindOf({ name: 'platform', type: 'LowCardinality(String)' })).toBe('platform'))
})

describe('the switch of platforms', () => {
  const all = [['', 'All'], ['aws', 'AWS'], ['github', 'GitHub'], ['datadog', 'Datadog']]
  test.each([
    ['one platform is no choice', ['aws'], [], null, []],
    ['nor is none', [], [], null, []],
    ['nor the one that is chosen', ['aws'], ['aws'], null, []],
    ['all', ['datadog', 'github', 'aws'], [], '', all],
    ['one of them', ['datadog', 'github', 'aws'], ['github'], 'github', all],
    ['several, in whatever order', ['datadog', 'github', 'aws'], ['github', 'aws'], 'aws,github', [...all, ['aws,github', 'AWS + GitHub']]],
    ['one without data can be left', ['aws'], ['gcp'], 'gcp', [['', 'All'], ['aws', 'AWS'], ['gcp', 'gcp']]],
    ['a value with a comma stays one', ['aws'], ['a,b'], '["a,b"]', [['', 'All'], ['aws', 'AWS'], ['["a,b"]', 'a,b']]],
  ])('%s', (_name, seen, chosen, current, choices) => {
    const found = platforms.switchOf(seen, chosen)
    expect(found?.current ?? null).toBe(current)
    expect(found?.choices.map((c) => [c.value, c.label]) ?? []).toEqual(choices)
  })
})
