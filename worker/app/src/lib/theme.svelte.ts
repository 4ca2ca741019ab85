type Choice = 'auto' | 'light' | 'dark'

/** Light or dark: as the system says, until a person chooses, which this browser remembers. */
class Theme {
  choice = $state<Choice>(stored())
  /** Rises when colours change, for what is drawn on a canvas. */
  changes = $state(0)

  start(): void {
    this.#apply()
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (this.changes += 1))
  }

  next(): void {
    this.choice = this.choice === 'auto' ? 'light' : this.choice === 'light' ? 'dark' : 'auto'
    try {
      localStorage.setItem('theme', this.choice)
    } catch {
      // a browser that forbids storage forgets the choice
    }
    this.#apply()
  }

  #apply(): void {
    if (this.choice === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.choice
    this.changes += 1
  }
}

function stored(): Choice {
  try {
    const value = localStorage.getItem('theme')
    return value === 'light' || value === 'dark' ? value : 'auto'
  } catch {
    return 'auto'
  }
}

export const theme = new Theme()
