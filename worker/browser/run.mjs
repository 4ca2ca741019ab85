// Starts one Polo for all tests, runs their files one after another, and stops it. npm test -- cost axe runs those alone.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { executable } from './lib/chromium.mjs'
import { shotsFolder } from './lib/shots.mjs'
import { start } from './lib/stack.mjs'

const tests = join(dirname(fileURLToPath(import.meta.url)), 'tests')
const wanted = process.argv.slice(2)
const files = readdirSync(tests).filter((f) => f.endsWith('.test.mjs') && (wanted.length === 0 || wanted.includes(f.replace('.test.mjs', '')))).sort()

let stack
try {
  if (files.length === 0) throw new Error(`there is no test called ${wanted.join(' or ')}`)
  const env = { ...process.env, POLO_CHROMIUM: executable(), POLO_BROWSER_SHOTS: shotsFolder() }
  stack = await start()
  env.POLO_BROWSER_STACK = JSON.stringify(stack.where)
  const child = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files.map((f) => join(tests, f))], { env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise((done) => child.on('exit', (code) => done(code ?? 1)))
  console.log(`Screenshots: ${env.POLO_BROWSER_SHOTS}`)
} catch (error) {
  console.error(`browser: ${error.message}`)
  process.exitCode = 1
} finally {
  await stack?.stop()
}
