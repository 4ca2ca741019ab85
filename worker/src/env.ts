import { Problem } from './errors'

/** The Worker's bindings, as wrangler.jsonc and `wrangler secret` set them. */
export interface Env {
  /** The application's files; absent where something else serves them. */
  ASSETS?: Fetcher
  /** ClickHouse's HTTP interface: https, or http on this machine. */
  CLICKHOUSE_URL: string
  CLICKHOUSE_USER: string
  CLICKHOUSE_PASSWORD: string
  /** A service token of Access, where ClickHouse itself is behind an application of it; both or neither. */
  CLICKHOUSE_ACCESS_ID?: string
  CLICKHOUSE_ACCESS_SECRET?: string
  /** Issuer of Cloudflare Access: https://TEAM.cloudflareaccess.com. */
  ACCESS_TEAM: string
  /** Audience tags of the Access applications that may call, with commas between. */
  ACCESS_AUD: string
}

export interface Config {
  clickhouse: URL
  /** What says to ClickHouse, and to what stands before it, who asks: secrets. */
  credentials: Record<string, string>
  /** Without a slash at its end. */
  issuer: string
  audiences: string[]
}

/** Checks the bindings. What is missing or wrong is a Problem "not_configured", which names the binding alone. */
export function configure(env: Partial<Env>): Config {
  const clickhouse = origin('CLICKHOUSE_URL', env.CLICKHOUSE_URL)
  const issuer = origin('ACCESS_TEAM', env.ACCESS_TEAM).origin
  const audiences = (env.ACCESS_AUD ?? '').split(',').map((s) => s.trim()).filter(Boolean)
  if (audiences.length === 0) throw missing('ACCESS_AUD')
  const credentials: Record<string, string> = {
    'X-ClickHouse-User': sendable('CLICKHOUSE_USER', env.CLICKHOUSE_USER),
    'X-ClickHouse-Key': sendable('CLICKHOUSE_PASSWORD', env.CLICKHOUSE_PASSWORD),
  }
  if (env.CLICKHOUSE_ACCESS_ID || env.CLICKHOUSE_ACCESS_SECRET) {
    credentials['CF-Access-Client-Id'] = sendable('CLICKHOUSE_ACCESS_ID', env.CLICKHOUSE_ACCESS_ID)
    credentials['CF-Access-Client-Secret'] = sendable('CLICKHOUSE_ACCESS_SECRET', env.CLICKHOUSE_ACCESS_SECRET)
  }
  return { clickhouse, credentials, issuer, audiences }
}

/** Returns a text that a header can hold. Of any other, the runtime's warning would log the value. */
function sendable(name: string, text: string | undefined): string {
  if (!text || !/^[\x20-\x7e]+$/.test(text)) throw missing(name)
  return text
}

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])$/

/** Returns an URL that is an origin alone: no path, account, query or fragment. */
function origin(name: string, text: string | undefined): URL {
  if (!text) throw missing(name)
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw missing(name)
  }
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))
  if (!safe || url.pathname !== '/' || url.search || url.hash || url.username || url.password) throw missing(name)
  return url
}

function missing(name: string): Problem {
  return new Problem('not_configured', `The server's setting ${name} is missing or wrong.`)
}
