import { readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/**
 * Gives the application what the headers in schema/rules say of each rule, as the module virtual:rules: why it matters, what to do, what it needs and what its
 * evidence means. The API answers what the rules find; these words do not change with the data.
 */
export function rules(folder: string): Plugin {
  const id = '\0virtual:rules'
  return {
    name: 'polo-rules',
    resolveId: (source) => (source === 'virtual:rules' ? id : undefined),
    load(source) {
      if (source !== id) return
      const found: Record<string, unknown> = {}
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql')).sort()) {
        this.addWatchFile(`${folder}/${file}`)
        found[file.slice(0, -'.sql'.length)] = described(readFileSync(`${folder}/${file}`, 'utf8'))
      }
      return `export default ${JSON.stringify(found)}`
    },
  }
}

/** Reads a header: all lines before the first empty one, each `-- key: value`. */
function described(file: string) {
  const values: Record<string, string[]> = {}
  for (const line of file.slice(0, file.indexOf('\n\n')).split('\n')) {
    const [, key, value] = /^-- (\w+): (.*)$/.exec(line) ?? []
    if (key && value) (values[key] ??= []).push(value)
  }
  const joined = (key: string) => (values[key] ?? []).join(' ')
  const evidence = (values.column ?? []).map((value) => {
    const [declared = '', ...rest] = value.split(' | ')
    return { name: declared.split(' ')[0], unit: rest.length > 1 ? rest[0] : '', text: rest.at(-1) }
  })
  return {
    title: joined('title'), group: joined('group'), severity: joined('severity'), why: joined('text'), remedy: joined('remedy'),
    types: values.type ?? [], needs: values.need ?? [], scans: values.scan ?? [], evidence,
  }
}
