import { Problem } from './errors'

const maxURL = 16_384 // characters
const maxBody = 262_144 // bytes

/** The values of a query's parameters as a request gives them, and its format=. */
export interface Values {
  given: Map<string, string>
  format: string | undefined
}

/** Reads the values from the URL of a GET, or the JSON of a POST: {"params": {"name": "text", "list": ["a", "b"]}}. */
export async function values(request: Request): Promise<Values> {
  if (request.url.length > maxURL) throw new Problem('too_large', `The address is longer than ${maxURL} characters: use POST.`)
  const given = new Map<string, string>()
  for (const [name, value] of new URL(request.url).searchParams) {
    if (given.has(name)) throw new Problem('bad_parameter', `parameter ${name.slice(0, 80)} is given twice`, { faults: [{ param: name.slice(0, 80), message: 'it is given twice; a list is values between commas' }] })
    given.set(name, value)
  }
  const format = given.get('format')
  given.delete('format')
  if (request.method !== 'POST') return { given, format }
  if (given.size > 0) throw new Problem('bad_request', 'A POST has its parameters in its body, not in its address.')
  return { given: await body(request), format }
}

async function body(request: Request): Promise<Map<string, string>> {
  // A form of another site cannot send this type without asking first.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('Content-Type') ?? '')) throw new Problem('bad_request', 'The body is not of the type application/json.')
  const text = await bounded(request)
  const wrong = new Problem('bad_request', 'The body is no JSON of the form {"params": {"name": "text", "list": ["a", "b"]}}.')
  let params: unknown
  try {
    const said: unknown = JSON.parse(text)
    if (!isObject(said) || Object.keys(said).some((k) => k !== 'params')) throw wrong
    params = said.params ?? {}
  } catch {
    throw wrong
  }
  if (!isObject(params)) throw wrong
  return new Map(Object.entries(params).map(([name, v]) => {
    if (typeof v === 'string') return [name, v]
    if (typeof v === 'boolean' || Number.isSafeInteger(v)) return [name, String(v)]
    if (Array.isArray(v) && v.every((item) => typeof item === 'string')) return [name, JSON.stringify(v)]
    throw new Problem('bad_parameter', `parameter ${name.slice(0, 80)} is no text, whole number, true, false or list of texts`, { faults: [{ param: name.slice(0, 80), message: 'it is no text, whole number, true, false or list of texts' }] })
  }))
}

/** Reads a body of at most maxBody bytes. */
async function bounded(request: Request): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  const reader = request.body?.getReader()
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBody) {
      await reader.cancel()
      throw new Problem('too_large', `The body is longer than ${maxBody} bytes.`)
    }
    text += decoder.decode(value, { stream: true })
  }
  return text + decoder.decode()
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)
