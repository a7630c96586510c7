/** Notices that a peer is gone although nothing says so: a ping after some silence, the end after some more. */
export interface KeepAlive {
  /** Something came from the peer. */
  heard(): void
  stop(): void
}

/** @param onIdle sends the ping; onDead is called once, after which nothing more is */
export function createKeepAlive(
  limits: { idleMs: number; pongMs: number },
  actions: { onIdle: () => void; onDead: () => void },
): KeepAlive {
  let lastHeard = performance.now()
  let isWaiting = false
  let timer = schedule(limits.idleMs)

  function schedule(milliseconds: number): NodeJS.Timeout {
    // A quiet session is no reason to keep the process alive.
    return setTimeout(check, milliseconds).unref()
  }

  function check(): void {
    const silence = performance.now() - lastHeard
    const allowed = isWaiting ? limits.pongMs : limits.idleMs
    if (silence < allowed - 1) {
      timer = schedule(allowed - silence)
    } else if (isWaiting) {
      actions.onDead()
    } else {
      isWaiting = true
      lastHeard = performance.now()
      timer = schedule(limits.pongMs)
      actions.onIdle()
    }
  }

  return {
    heard() {
      lastHeard = performance.now()
      isWaiting = false
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
