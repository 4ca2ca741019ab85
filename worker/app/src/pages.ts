import type { Component } from 'svelte'

type Page = () => Promise<{ default: Component }>

/** The pages by their path. Each is loaded when it is first shown. /queries has the query's name below it. */
const pages: Record<string, Page> = {
  '/': () => import('./pages/Home.svelte'),
  '/cost': () => import('./pages/Cost.svelte'),
  '/anomalies': () => import('./pages/Anomalies.svelte'),
  '/inventory': () => import('./pages/Inventory.svelte'),
  '/resource': () => import('./pages/Resource.svelte'),
  '/changes': () => import('./pages/Changes.svelte'),
  '/alerts': () => import('./pages/Alerts.svelte'),
  '/rules': () => import('./pages/Rules.svelte'),
  '/data': () => import('./pages/Data.svelte'),
  '/queries': () => import('./pages/Queries.svelte'),
}

export function pageOf(path: string): Page {
  const top = path.startsWith('/queries/') ? '/queries' : path
  return pages[top] ?? (() => import('./pages/NotFound.svelte'))
}

/** What the navigation lists. */
export const navigation = [
  { path: '/', label: 'Home', icon: 'home' },
  { path: '/alerts', label: 'Alerts', icon: 'alert' },
  { path: '/cost', label: 'Cost', icon: 'cost' },
  { path: '/anomalies', label: 'Anomalies', icon: 'anomaly' },
  { path: '/inventory', label: 'Inventory', icon: 'inventory' },
  { path: '/changes', label: 'Changes', icon: 'change' },
  { path: '/rules', label: 'Rules', icon: 'rule' },
  { path: '/data', label: 'Data', icon: 'data' },
  { path: '/queries', label: 'Queries', icon: 'query' },
] as const
