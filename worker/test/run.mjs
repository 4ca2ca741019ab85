// Runs the tests by a Node that the tools take.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node } from './node.mjs'

const here = dirname(fileURLToPath(import.meta.url))

// The tools ask nobody on the network for anything.
const env = { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' }
const vitest = join(here, 'node_modules/vitest/vitest.mjs')
const child = spawn(node(), [vitest, 'run', ...process.argv.slice(2)], { cwd: here, env, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
