import { readFileSync } from 'node:fs'

/** Returns the Worker's compatibility date and flags: those that it is deployed with. */
export function compatibility(): { date: string; flags: string[] } {
  const text = readFileSync(new URL('../../wrangler.jsonc', import.meta.url), 'utf8')
  const date = /"compatibility_date":\s*"([\d-]+)"/.exec(text)?.[1]
  const flags = /"compatibility_flags":\s*(\[[^\]]*\])/.exec(text)?.[1]
  if (!date || !flags) throw new Error('wrangler.jsonc names no compatibility_date or compatibility_flags')
  return { date, flags: JSON.parse(flags) as string[] }
}
