import type { GracefulReason, Session } from './session-types.ts'

/**
 * The sessions of a node: at most one in use per peer, a bounded number in all.
 *
 * Section 6 of specs/internode.md: of two sessions of one pair, the one whose stream the smaller peer ID opened stays; of two opened by
 * the same side, the newer. The other is retired: its requests end, and then its stream.
 */
export interface SessionTable {
  /** the session to use with a peer */
  get(peer: string): Session | undefined
  /** sessions with a peer, those that are ending or have not begun among them */
  count(peer: string): number
  /** A stream exists. False, and nothing is done: there is no room for it. */
  admit(session: Session): boolean
  /** Its handshake is done: from now on it may be the one in use. */
  begin(session: Session): void
  all(): Session[]
}

/**
 * @param limits.sessions with all peers together
 * @param isSmallerThanOwn whether a peer ID comes before this node's: of two sessions that both sides opened at once, both keep that
 * of the smaller
 */
export function createSessionTable(
  limits: { sessions: number; sessionsPerPeer: number },
  isSmallerThanOwn: (peer: string) => boolean,
): SessionTable {
  const sessions = new Set<Session>()
  const inUse = new Map<string, Session>()

  const count = (peer: string): number => {
    let found = 0
    for (const session of sessions) if (session.peer === peer) found++
    return found
  }

  function remove(session: Session): void {
    sessions.delete(session)
    if (inUse.get(session.peer) === session) inUse.delete(session.peer)
  }

  /** The session that has been idle for longest gives way. */
  function makeRoom(): boolean {
    let oldest: Session | undefined
    for (const session of inUse.values()) {
      if (session.isIdle() && (oldest === undefined || session.lastUsed() < oldest.lastUsed())) oldest = session
    }
    if (oldest === undefined) return false
    retire(oldest, 'IDLE')
    return true
  }

  /** It counts no longer, though its stream may take a while to end: retirement has its own deadline. */
  function retire(session: Session, reason: GracefulReason): void {
    if (inUse.get(session.peer) === session) inUse.delete(session.peer)
    session.retire(reason)
  }

  function stays(before: Session, after: Session): boolean {
    if (before.opener === after.opener) return false
    return before.opener === (isSmallerThanOwn(before.peer) ? 'remote' : 'local')
  }

  return {
    get(peer) {
      const session = inUse.get(peer)
      return session?.isEnding() ? undefined : session
    },
    count,
    all: () => [...sessions],
    admit(session) {
      if (count(session.peer) >= limits.sessionsPerPeer) return false
      // Sessions that greet or end hold memory as well, so they have a bound, too.
      if (sessions.size >= limits.sessions * 2) return false
      if (inUse.size >= limits.sessions && !inUse.has(session.peer) && !makeRoom()) return false
      sessions.add(session)
      void session.closed.then(() => remove(session))
      return true
    },
    begin(session) {
      if (!sessions.has(session) || session.isEnding()) return
      const before = inUse.get(session.peer)
      if (before !== undefined && !before.isEnding() && stays(before, session)) {
        session.retire('REPLACED')
        return
      }
      inUse.set(session.peer, session)
      before?.retire('REPLACED')
    },
  }
}
