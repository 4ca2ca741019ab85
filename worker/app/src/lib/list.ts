/** Lists are a,b in an address, as the API takes them, or JSON where a value has a comma. */
export function encodeList(values: string[]): string {
  return values.some((v) => v === '' || v.includes(',') || v.startsWith('[') || v !== v.trim()) ? JSON.stringify(values) : values.join(',')
}

export function decodeList(text: string | null): string[] {
  if (!text) return []
  if (text.startsWith('[')) {
    try {
      const values: unknown = JSON.parse(text)
      if (Array.isArray(values)) return values.map(String)
    } catch {
      // an address that somebody typed: the API says what is wrong with it
    }
  }
  return text.split(',').map((v) => v.trim()).filter(Boolean)
}
