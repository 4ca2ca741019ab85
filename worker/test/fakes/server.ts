// workerd as a server, and on loopback what it talks to: an Access and a ClickHouse that a test makes do anything.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build, type Rollup } from 'vite'
import workerd from 'workerd'
import { compatibility } from './compatibility'
import { secrets } from './leaks'
import { audience, person, type Signer, signer } from './tokens'

/** The Worker's waits, in ms, that the tests make short. */
const waits: Record<string, [string, string]> = {
  'clickhouse.ts': ['const patience = 30_000', 'const patience = 1_500'],
  'access.ts': ['const patience = 5_000', 'const patience = 1_000'],
}

let bundled: Promise<string> | undefined

/** Returns the Worker as one module, as it is deployed but for its waits. */
async function bundle(): Promise<string> {
  const shortened: string[] = []
  const result = await build({
    configFile: false, publicDir: false, logLevel: 'error',
    plugins: [{
      name: 'short-waits',
      enforce: 'pre',
      transform(code, id) {
        const [name, wait] = Object.entries(waits).find(([n]) => id.endsWith(`/src/${n}`)) ?? []
        if (!name || !wait) return undefined
        if (code.includes(wait[0])) shortened.push(name)
        return code.replace(...wait)
      },
    }],
    ssr: { target: 'webworker', noExternal: true },
    build: { ssr: fileURLToPath(new URL('../../src/index.ts', import.meta.url)), write: false, target: 'es2023', minify: false, rolldownOptions: { output: { format: 'es', codeSplitting: false } } },
  })
  if (shortened.length !== Object.keys(waits).length) throw new Error('the waits of src are written otherwise: change them here too')
  return (result as Rollup.RollupOutput).output[0].code
}

/** A server on loopback, which does what its handler does. */
export class Fake {
  handler: (request: IncomingMessage, response: ServerResponse, body: string) => unknown = (_, r) => r.end()
  readonly got: { url: URL; raw: string; headers: IncomingMessage['headers']; body: string; left: Promise<void> }[] = []
  private readonly server = createServer(async (request, response) => {
    const left = new Promise<void>((done) => response.on('close', () => { if (!response.writableFinished) done() }))
    let body = ''
    request.setEncoding('utf8')
    for await (const chunk of request) body += chunk
    this.got.push({ url: new URL(request.url!, 'http://fake'), raw: request.url!, headers: request.headers, body, left })
    this.arrived()
    this.handler(request, response, body)
  })
  private arrived = () => {}
  url = ''

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  /** Resolves with the next request. */
  next(): Promise<(typeof this.got)[number]> {
    return new Promise((done) => { this.arrived = () => done(this.got.at(-1)!) })
  }

  stop() {
    this.server.closeAllConnections()
    this.server.close()
  }
}

/** One workerd with the Worker, its Access and its ClickHouse. */
export class Deployment {
  readonly access = new Fake()
  readonly clickhouse = new Fake()
  key!: Signer
  log = ''
  url = ''
  private child: ChildProcess | undefined
  private readonly dir = mkdtempSync(join(tmpdir(), 'polo-worker-test-'))

  static async start(clickhouse?: string): Promise<Deployment> {
    const w = new Deployment()
    await Promise.all([w.access.start(), w.clickhouse.start()])
    w.key = await signer('key-1')
    w.access.handler = (_, r) => r.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [w.key.jwk] }))
    await w.launch(clickhouse ?? w.clickhouse.url)
    return w
  }

  private async launch(clickhouse: string) {
    const { date, flags } = compatibility()
    writeFileSync(join(this.dir, 'worker.js'), await (bundled ??= bundle()))
    writeFileSync(join(this.dir, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker), (name = "network", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${date}", compatibilityFlags = ${JSON.stringify(flags)}, globalOutbound = "network",
  bindings = [
    (name = "CLICKHOUSE_URL", text = "${clickhouse}"),
    (name = "CLICKHOUSE_USER", text = "${secrets.user}"),
    (name = "CLICKHOUSE_PASSWORD", text = "${secrets.password}"),
    (name = "ACCESS_TEAM", text = "${this.access.url}"),
    (name = "ACCESS_AUD", text = "${audience}"),
  ],
);
`)
    const child = spawn(workerd, ['serve', '--control-fd=3', join(this.dir, 'config.capnp')], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    this.child = child
    for (const out of [child.stdout!, child.stderr!]) out.setEncoding('utf8').on('data', (text: string) => { this.log += text })
    const said = await Promise.race([once(child.stdio[3] as Readable, 'data'), once(child, 'exit').then(() => { throw new Error(`workerd ended: ${this.log}`) })])
    this.url = `http://127.0.0.1:${(JSON.parse(String(said[0]).split('\n')[0]!) as { port: number }).port}`
  }

  /** A person's token. */
  token(over: Record<string, unknown> = {}): Promise<string> {
    return this.key.token(person(Math.floor(Date.now() / 1000), { iss: this.access.url, ...over }))
  }

  /** Sends a request, which may hold a header twice. */
  async call(path: string, { headers = {}, method = 'GET', signal }: { headers?: Record<string, string | string[]>; method?: string; signal?: AbortSignal } = {}): Promise<Received> {
    const all = { 'Cf-Access-Jwt-Assertion': await this.token(), ...headers }
    return new Promise((done, fail) => {
      const request = send(this.url + path, { method, headers: all, agent: false })
      request.on('error', fail)
      // workerd knows that a client has left by a reset alone: one that only closes its side may still read.
      signal?.addEventListener('abort', () => { request.socket?.resetAndDestroy(); fail(signal.reason) })
      request.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => { text += chunk })
        response.on('error', () => {})
        response.on('close', () => done({ status: response.statusCode!, headers: response.headers, text, whole: response.complete }))
      })
      request.end()
    })
  }

  /** The log's lines of a request, once one is there. */
  async logOf(received: Received): Promise<Record<string, unknown>[]> {
    const id = received.headers['polo-request-id'] as string
    for (let i = 0; i < 100 && !this.log.includes(id); i++) await new Promise((done) => setTimeout(done, 20))
    return this.log.split('\n').filter((l) => l.includes(id)).map((l) => JSON.parse(l.slice(l.indexOf('{'))) as Record<string, unknown>)
  }

  async stop() {
    if (this.child && this.child.exitCode === null) {
      this.child.kill()
      await once(this.child, 'exit')
    }
    this.access.stop()
    this.clickhouse.stop()
    rmSync(this.dir, { recursive: true })
  }
}

export interface Received {
  status: number
  headers: IncomingMessage['headers']
  text: string
  /** Whether the answer ended, and did not break off. */
  whole: boolean
}
