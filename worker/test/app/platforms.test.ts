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
