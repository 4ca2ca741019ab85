// What a person sees of a table, held against the rows that the command line gives.
import assert from 'node:assert/strict'
import { count as grouped, plain, shown } from './decimal.mjs'

/** Returns what is seen of the table with this caption: its titles, and rows of cells in their order. */
export function readTable(tab, caption) {
  return tab.page.getByRole('region', { name: caption, exact: true }).locator('table').evaluate((table) => {
    const read = (td) => ({
      text: td.innerText.replace(/\s+/g, ' ').trim(),
      titles: [...td.querySelectorAll('[title]')].map((e) => e.title),
      time: td.querySelector('time')?.dateTime ?? '',
    })
    return {
      titles: [...table.querySelectorAll('thead th')].map((th) => (th.querySelector('button') ?? th).firstChild.textContent.trim()),
      rows: [...table.querySelectorAll('tbody tr')].map((tr) => [...tr.children].map(read)),
      foot: [...table.querySelectorAll('tfoot tr')].map((tr) => [...tr.children].map(read)),
    }
  })
}

/**
 * Asserts that the table shows these rows, in this order. shows has for each title what the cell must be like: one of money, text, count and time,
 * made with the name of the column in the answer.
 */
export async function assertTable(tab, caption, rows, shows) {
  const table = await readTable(tab, caption)
  assert.equal(table.rows.length, rows.length, `${caption}: rows`)
  for (const [title, check] of Object.entries(shows)) {
    const at = table.titles.indexOf(title)
    assert.ok(at >= 0, `${caption}: no column ${title} among ${table.titles.join(', ')}`)
    rows.forEach((row, i) => check(table.rows[i][at], row, `${caption}, row ${i + 1}, ${title}`))
  }
  return table
}

/** All digits of an amount, of a title such as "1,234.5678 USD; estimated: may still change". */
export function exact(title) {
  return plain(title.split(/[ ;]/)[0].replaceAll(',', '').replace('−', '-'))
}

/** An amount: two digits of it are shown, and all are in the title. */
export const money = (name) => (cell, row, where) => {
  assert.equal(exact(cell.titles[0] ?? ''), plain(row[name]), where)
  assert.ok(cell.text.replace(/^[≈+]|estimated /g, '').includes(shown(row[name])), `${where}: ${cell.text} is not ${shown(row[name])}`)
}

/** A text, or what it is short for, with the whole of it in the title. */
export const text = (name) => (cell, row, where) => {
  const value = String(row[name] ?? '')
  assert.ok(value === '' ? cell.text === '–' : cell.text === value || cell.titles.includes(value), `${where}: ${cell.text} (${cell.titles}) is not ${value}`)
}

export const count = (name) => (cell, row, where) => assert.equal(cell.text, grouped(row[name]), where)

/** A moment in UTC, wherever the browser is. */
export const time = (name) => (cell, row, where) => {
  if (row[name] === null) return assert.equal(cell.time, '', where)
  assert.equal(cell.time, `${row[name].replace(' ', 'T')}Z`, where)
  assert.ok(cell.text.endsWith(row[name].slice(11, 16)), `${where}: ${cell.text} is not at ${row[name]}`)
}
