import { query } from './answers.ts'
import { askPlain } from './ask.ts'

/** How many alerts are open, whatever the filters: the navigation says it on every page. */
class Alerting {
  /** "3", or "5000+"; empty while it is not known. */
  open = $state('')

  /** Looks again. What cannot be known is not shown: the page itself says why. */
  look(): void {
    query(askPlain('alerts', { limit: '5000' }), new AbortController().signal, 'alerts-open').then(
      ({ answer }) => (this.open = `${answer.rows.length}${answer.truncated ? '+' : ''}`),
      () => (this.open = ''),
    )
  }
}

export const alerting = new Alerting()
