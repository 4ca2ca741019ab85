// Exact decimals as texts, written apart from the application's, which these tests judge.

/** Returns the text as an integer of 10^-38. */
function units(text) {
  const [whole, rest = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + rest.padEnd(38, '0'))
  return text.startsWith('-') ? -size : size
}

function text(size) {
  const digits = (size < 0n ? -size : size).toString().padStart(39, '0')
  const rest = digits.slice(-38).replace(/0+$/, '')
  return `${size < 0n ? '-' : ''}${digits.slice(0, -38)}${rest && '.'}${rest}`
}

export function sum(texts) {
  return text(texts.reduce((total, t) => total + units(t), 0n))
}

export function difference(a, b) {
  return text(units(a) - units(b))
}

/** Returns the decimal without zeros at its end. */
export function plain(value) {
  return text(units(value))
}

/** Returns what is shown of it, as a decimal: without commas, signs of plus, currencies and marks. */
export function read(shown) {
  const found = /([−-]?)([\d,]+(?:\.\d+)?)/.exec(shown)
  if (!found) throw new Error(`no number in ${JSON.stringify(shown)}`)
  return (found[1] ? '-' : '') + found[2].replaceAll(',', '')
}

/** Returns the decimal with two digits, half to even, as it is shown: 1,234.56, and <0.01 for what is less than that. */
export function shown(value) {
  const size = units(value), least = 10n ** 36n
  const positive = size < 0n ? -size : size
  let cents = positive / least
  const rest = (positive % least) * 2n
  if (rest > least || (rest === least && cents % 2n === 1n)) cents += 1n
  if (cents === 0n && size !== 0n) return size < 0n ? '>−0.01' : '<0.01'
  const digits = cents.toString().padStart(3, '0')
  return `${size < 0n ? '−' : ''}${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`
}

/** Returns an integer as it is shown: 12,345. */
export function count(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
