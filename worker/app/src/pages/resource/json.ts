/** Returns a value that is JSON with its lines indented; any other as it is. */
export function pretty(value: string): string {
  if (!/^[[{]/.test(value)) return value
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    return value
  }
}
