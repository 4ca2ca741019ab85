import { query } from './answers.ts'
import { askPlain } from './ask.ts'
import { platformName } from './platforms.ts'

/** Names of accounts, so that nobody has to know twelve digits by heart, and of platforms. Read once; an account without a name goes by its id. */
class Names {
  #accounts = $state.raw(new Map<string, string>())
  #asked = false
  /** Whether they were read, or cannot be: what would move when they come waits for it. */
  settled = $state(false)

  account(id: string): string {
    return this.#accounts.get(id) ?? ''
  }

  /** What people call a value of a dimension. */
  of(dimension: string, value: string): string {
    if (dimension === 'platform') return platformName(value)
    return (dimension === 'account' && this.account(value)) || value
  }

  load(): void {
    if (this.#asked) return
    this.#asked = true
    setTimeout(() => this.#read(), 0) // behind what the page is about
  }

  #read(): void {
    query(askPlain('accounts', { limit: '20000' }), new AbortController().signal, 'names').then(
      ({ answer }) => {
        this.#accounts = new Map(answer.rows.filter((r) => r.name).map((r) => [String(r.account_id), String(r.name)]))
        this.settled = true
      },
      () => {
        this.settled = true
        this.#asked = false // ids do until somebody asks again
      },
    )
  }
}

export const names = new Names()
