// Screenshots, in the folder POLO_BROWSER_SHOTS, or a temporary one.
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function shotsFolder() {
  const folder = process.env.POLO_BROWSER_SHOTS || mkdtempSync(join(tmpdir(), 'polo-shots-'))
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Takes the whole page. */
export function shoot(page, name) {
  return page.screenshot({ path: join(shotsFolder(), `${name}.png`), fullPage: true })
}
