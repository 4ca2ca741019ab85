/** Whether the API still knows the person who asks. SessionOver.svelte offers to sign in when it does not. */
class Session {
  over = $state(false)
}

export const session = new Session()
