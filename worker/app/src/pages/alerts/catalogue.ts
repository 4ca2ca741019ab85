import all from '../../../alerts.json'

/** What the headers in schema/alerts say of an alert. Made by go test ./schema/alerts -run TestCatalogue -update. */
export interface Alert {
  id: string
  title: string
  severity: string
  text: string
  runbook: string
  for: number
  keep_firing: number
  group_by: string[]
  /** Seconds between reminders. */
  repeat: number
  params: { name: string; default?: string; text: string }[]
  labels: { name: string; unit?: string; description: string }[]
  values: { name: string; unit?: string; description: string }[]
  sql: string
}

const found = new Map((all as Alert[]).map((a) => [a.id, a]))

export const alertOf = (id: string): Alert | undefined => found.get(id)
