import { encodeList } from './list.ts'

/** The platforms that Polo collects, as costs and resources name them and as people write them, in the order in which they are shown. */
const spelled = new Map([['aws', 'AWS'], ['github', 'GitHub'], ['cloudflare', 'Cloudflare'], ['datadog', 'Datadog']])
const order = [...spelled.keys()]

/** A platform as people write it; one that is not known here goes by its own name. */
export function platformName(platform: string): string {
  return spelled.get(platform) ?? platform
}

/** Each once, those that are known first. */
export function inOrder(platforms: Iterable<string>): string[] {
  const place = (platform: string) => (order.indexOf(platform) + 1 || order.length + 1)
  return [...new Set(platforms)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** The platform of a source, whose name begins with it: aws.cur. */
export function platformOf(source: string): string {
  return source.split('.')[0] ?? source
}

/**
 * The choices of a switch between platforms, and which of them holds; null where there is nothing to choose. What an address chose is offered even where it has no
 * data, and several at once, which only the filter can choose, are a choice of their own.
 */
export function switchOf(seen: readonly string[], chosen: readonly string[]): { current: string; choices: { value: string; label: string }[] } | null {
  const platforms = inOrder([...seen, ...chosen])
  if (platforms.length < 2) return null
  const current = encodeList(inOrder(chosen))
  const choices = [{ value: '', label: 'All' }, ...platforms.map((platform) => ({ value: encodeList([platform]), label: platformName(platform) }))]
  if (!choices.some((c) => c.value === current)) choices.push({ value: current, label: inOrder(chosen).map(platformName).join(' + ') })
  return { current, choices }
}
