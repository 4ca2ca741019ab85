// The pages, and the addresses that the tests of all pages open.

/** A security group of the sample whose port 22 somebody opened (docs/SAMPLE.md). */
export const opened = 'sg-0079cf7de615f02e4'

/** Returns a resource of the sample by its id. */
export async function resource(polo, id) {
  return (await polo.query('resource_search', { q: id })).rows[0]
}

/** Every page: its name, its address, and its heading where that is settled. */
export async function pages(polo) {
  const group = await resource(polo, opened)
  return [
    { name: 'home', path: '/', title: 'Home' },
    { name: 'alerts', path: '/alerts', title: 'Alerts' },
    { name: 'alert', path: '/alerts?alert=stale_source', title: 'Alerts' },
    { name: 'cost', path: '/cost', title: 'Cost' },
    { name: 'anomalies', path: '/anomalies', title: 'Anomalies' },
    { name: 'inventory', path: '/inventory', title: 'Inventory' },
    { name: 'resource', path: `/resource?arn=${encodeURIComponent(group.arn)}`, title: group.resource_name },
    { name: 'changes', path: '/changes', title: 'Changes' },
    { name: 'rules', path: '/rules', title: 'Rules' },
    { name: 'data', path: '/data', title: 'Data' },
    { name: 'queries', path: '/queries', title: 'Queries' },
    { name: 'query', path: '/queries/cost_by_dimension' },
    { name: 'nothing', path: '/nothing' },
  ]
}
