// The browser of the machine: no other is downloaded.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

/** Returns the path of Chromium: POLO_CHROMIUM, or the first of the usual names in PATH. */
export function executable() {
  const names = process.env.POLO_CHROMIUM ? [process.env.POLO_CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome']
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = names.flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name)))).find(runs)
  if (!found) throw new Error(`no Chromium: there is no ${names.join(', ')} in PATH. Install it (apt install chromium), or set POLO_CHROMIUM to its path.`)
  return found
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts it, speaking to this machine alone. */
export function launch() {
  return chromium.launch({
    executablePath: executable(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}
