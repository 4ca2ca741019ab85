import { codes } from './errors'
import { mediaTypes } from './formats'
import { isList } from './params'
import { all, type Column, type Param, type Query } from './queries'

/** The API's description in OpenAPI 3.1, made of the catalogue. */
export function openapi(origin: string) {
  const paths: Record<string, unknown> = {
    '/api/queries': { get: plain('queries', 'The named queries: parameters, bounds, columns, units') },
    '/api/me': { get: plain('me', 'Who is signed in') },
    '/api/health': { get: plain('health', 'Whether ClickHouse answers, and how old the newest event is') },
  }
  for (const q of all) paths[`/api/query/${q.name}`] = { get: get(q), post: post(q) }
  return {
    openapi: '3.1.0',
    info: { title: 'Polo', version: '1', description: 'Named questions about what happens in the clouds of an organisation. Times are UTC; money, decimals and integers of 64 bits are strings.' },
    servers: [{ url: origin }],
    security: [{ access: [] }],
    paths,
    components: {
      securitySchemes: { access: { type: 'apiKey', in: 'header', name: 'Cf-Access-Jwt-Assertion', description: 'Set by Cloudflare Access. Programs send CF-Access-Client-Id and CF-Access-Client-Secret of a service token.' } },
      schemas: { Problem: problem },
    },
  }
}

const problem = {
  type: 'object',
  required: ['error', 'request_id'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: codes.map(([code]) => code) },
        message: { type: 'string' },
        faults: { type: 'array', items: { type: 'object', properties: { param: { type: 'string' }, message: { type: 'string' } } } },
      },
    },
    request_id: { type: 'string' },
  },
}

const failures = Object.fromEntries(
  [...new Set(codes.map(([, status]) => status))].map((status) => [
    status,
    { description: codes.filter(([, s]) => s === status).map(([code]) => code).join(', '), content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } },
  ]),
)

function plain(operationId: string, summary: string) {
  return { operationId, summary, responses: { 200: { description: summary, content: { 'application/json': { schema: { type: 'object' } } } }, ...failures } }
}

function get(q: Query) {
  return {
    operationId: q.name, tags: [q.group], summary: q.title, description: q.text,
    parameters: [
      ...q.params.map((p) => ({ name: p.name, in: 'query', required: p.required ?? false, description: said(p), schema: schema(p), ...(isList(p) && { style: 'form', explode: false }) })),
      { name: 'format', in: 'query', schema: { type: 'string', enum: Object.keys(mediaTypes) } },
      { name: 'Polo-Tile', in: 'header', schema: { type: 'string' }, description: 'A newer request of the same caller and tile stops this one.' },
    ],
    responses: responses(q),
  }
}

function post(q: Query) {
  const params = { type: 'object', additionalProperties: false, properties: Object.fromEntries(q.params.map((p) => [p.name, { ...schema(p), description: said(p) }])) }
  return {
    operationId: `${q.name}_post`, tags: [q.group], summary: q.title,
    requestBody: { content: { 'application/json': { schema: { type: 'object', additionalProperties: false, properties: { params } } } } },
    responses: responses(q),
  }
}

function responses(q: Query) {
  const rows = { type: 'array', items: { type: 'object', properties: Object.fromEntries(q.columns.map((c) => [c.name, ofColumn(c)])) } }
  return {
    200: {
      description: 'The answer. CSV and NDJSON end with a trailer that tells how many rows there are.',
      headers: { 'Polo-Truncated': { schema: { type: 'string', enum: ['true', 'false'] } }, 'Polo-Request-Id': { schema: { type: 'string' } } },
      content: {
        'application/json': { schema: { type: 'object', properties: { query: { const: q.name }, parameters: { type: 'object' }, columns: { type: 'array' }, rows, truncated: { type: 'boolean' }, request_id: { type: 'string' } } } },
        'text/csv': { schema: { type: 'string' } },
        'application/x-ndjson': { schema: { type: 'string' } },
      },
    },
    ...failures,
  }
}

const said = (p: Param): string => [p.text, p.min && `From ${p.min}.`, p.max && `To ${p.max}.`, `ClickHouse's type: ${p.type}.`].filter(Boolean).join('. ').replaceAll('..', '.')

function schema(p: Param) {
  const one = { type: 'string', ...(p.in && { enum: p.in }), ...(p.pattern && { pattern: `^(?:${p.pattern})$` }) }
  if (isList(p)) return { type: 'array', items: one, maxItems: p.items }
  return { ...one, ...(p.default !== undefined && { default: p.default }) }
}

function ofColumn(c: Column): Record<string, unknown> {
  const description = c.unit ? `${c.description} (${c.unit})` : c.description
  return { ...ofType(c.type), description }
}

function ofType(type: string): Record<string, unknown> {
  const [, outer, inner] = /^(Nullable|Array|Map)\((.*)\)$/.exec(type) ?? []
  if (outer === 'Nullable') return { ...ofType(inner!), type: [ofType(inner!).type, 'null'] }
  if (outer === 'Array') return { type: 'array', items: ofType(inner!) }
  if (outer === 'Map') return { type: 'object' }
  if (type === 'Bool') return { type: 'boolean' }
  if (/^Float|^U?Int(8|16|32)$/.test(type)) return { type: 'number' }
  return { type: 'string' }
}
