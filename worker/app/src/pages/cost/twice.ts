import type { Row } from '$lib/api.ts'
import { byCurrency } from '$lib/money.ts'
import { inOrder } from '$lib/platforms.ts'
import type { Amount } from './converted.ts'

/** A platform whose costs AWS' bill has too. The filters are the platforms that stay where one of the two is left out. */
export interface Twice { platform: string; marketplace: Amount[]; own: Amount[]; withoutOwn: string[]; withoutAws: string[] }

/** Finds them in rows of cost_marketplace, of those platforms that the total has costs of. */
export function twiceOf(rows: readonly Row[], counted: readonly string[]): Twice[] {
  const found = counted.includes('aws') ? rows.filter((r) => r.twice === true && counted.includes(String(r.platform))) : []
  return inOrder(found.map((r) => String(r.platform))).map((platform) => {
    const amounts = (column: string) => byCurrency(found.filter((r) => r.platform === platform).map((r) => ({ currency: String(r.currency), value: String(r[column]) })), (r) => r.value)
    const without = (left: string) => inOrder(counted).filter((p) => p !== left)
    return { platform, marketplace: amounts('marketplace_cost'), own: amounts('own_cost'), withoutOwn: without(platform), withoutAws: without('aws') }
  })
}
