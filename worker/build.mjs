// Builds ../build/worker: assets/ (the application), worker.js (the Worker) and workerd (what runs both on this machine).
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const out = here('../build/worker')
mkdirSync(out, { recursive: true })

await build({ configFile: here('vite.config.ts'), logLevel: 'warn' })
if (existsSync(here('src/index.ts'))) {
  await build({ configFile: here('vite.worker.config.ts'), logLevel: 'warn' })
} else {
  console.error('build: src/index.ts is missing: no worker.js was made')
  process.exitCode = 1
}
place(workerd(), `${out}/workerd`)

/** Returns the path of workerd's binary for this platform. */
function workerd() {
  const name = `@cloudflare/workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}`
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/workerd`)
  } catch {
    console.error(`build: ${name} is not installed: run npm install, on Linux or macOS`)
    process.exit(1)
  }
}

/** Links the 130 MB where both are on one file system, and copies them elsewhere. */
function place(from, to) {
  rmSync(to, { force: true })
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}
