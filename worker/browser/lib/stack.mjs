// A whole Polo of its own for the tests: the sample organisation, ingested, and `polo up` with the dashboard.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
const polo = join(root, 'build/polo')
const run = promisify(execFile)
const large = { cwd: root, maxBuffer: 1 << 28 }

/**
 * Starts it, for all test files. The data are kept where data, or POLO_BROWSER_DATA, names their folder, so that the sample need not be ingested
 * each time. where is what stack() needs.
 */
export async function start(data = process.env.POLO_BROWSER_DATA) {
  const own = !data
  const dir = data || mkdtempSync(join(tmpdir(), 'polo-browser-'))
  const remove = () => own && rmSync(dir, { recursive: true, force: true })
  try {
    await run(join(root, 'local/run.sh'), [dir, ''], large)
  } catch (error) {
    remove()
    throw error
  }
  const ports = ['--sqs-port', '--clickhouse-port', '--clickhouse-http-port', '--dashboard-port'].flatMap((flag) => [flag, '0'])
  const child = spawn(polo, ['up', '--data', dir, ...ports], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const ended = new Promise((done) => child.on('exit', done))
  const stop = async () => {
    child.kill('SIGINT')
    await ended
    remove()
  }
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  for (let waited = 0; !/^dashboard +http/m.test(said); waited += 100) {
    if (child.exitCode !== null || waited > 60_000) {
      await stop()
      throw new Error(`polo up did not serve the dashboard:\n${said}`)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  const { dashboard } = JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'))
  return { where: { dir, link: dashboard }, stop }
}

const asked = new Map()

/**
 * The Polo that runs. link signs in, origin is the dashboard's, cookie a session of it, and query(name, params) asks as `polo query` does: not
 * through the Worker, so that the two can be held against each other. sql(text) asks as `polo sql` does. insert(rows) adds events, as the consumer does.
 */
export async function stack() {
  if (!process.env.POLO_BROWSER_STACK) throw new Error('no Polo runs: start the tests with npm test')
  const { dir, link } = JSON.parse(process.env.POLO_BROWSER_STACK)
  const query = (name, params = {}) => {
    const given = Object.entries(params).flatMap(([k, v]) => ['-p', `${k}=${v}`])
    const key = [name, ...given].join(' ')
    if (!asked.has(key)) asked.set(key, run(polo, ['query', name, ...given, '--format', 'json', '--data', dir], large).then(({ stdout }) => JSON.parse(stdout)))
    return asked.get(key)
  }
  const sql = async (text) => JSON.parse((await run(polo, ['sql', text, '--format', 'json', '--data', dir], large)).stdout)
  const insert = async (rows) => {
    const { clickhouse_http, database, users } = JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'))
    const { name, password } = users.writer
    const search = new URLSearchParams({ database, query: 'INSERT INTO resource_events FORMAT JSONEachRow', async_insert: '0' })
    const headers = { 'X-ClickHouse-User': name, 'X-ClickHouse-Key': password }
    const answer = await fetch(`http://${clickhouse_http}/?${search}`, { method: 'POST', headers, body: rows.map((r) => JSON.stringify(r)).join('\n') })
    if (!answer.ok) throw new Error(`inserting events: ${answer.status} ${await answer.text()}`)
  }
  const signedIn = await fetch(link, { redirect: 'manual' })
  const [name, value] = (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0].split(/=(.*)/)
  return { link, origin: new URL(link).origin, key: new URL(link).searchParams.get('key'), cookie: { name, value }, query, sql, insert }
}
