/** Of each query: the names of its parameters, how long an answer may be kept, and those that the page's period goes to. Made by catalogue-plugin.ts. */
declare module 'virtual:catalogue' {
  const catalogue: Record<string, { params: string[]; cache: number; period?: { from: string; until: string } }>
  export default catalogue
}

/** What the headers in schema/rules say of each rule. Made by rules-plugin.ts. */
declare module 'virtual:rules' {
  interface Rule {
    title: string
    group: string
    severity: string
    why: string
    remedy: string
    types: string[]
    needs: string[]
    scans: string[]
    evidence: { name: string; unit: string; text: string }[]
  }
  const rules: Record<string, Rule>
  export default rules
}

/** Of parameters that choose columns: what stands in the SQL for each value. Made by catalogue-plugin.ts. */
declare module 'virtual:choices' {
  const choices: Record<string, Record<string, Record<string, { sql: string; label: string }>>>
  export default choices
}
