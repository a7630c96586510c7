/** Brings queued messages to their receivers: in their order, one receiver's absence costing the others nothing. */
import { waitFor } from '../../../protocol/session/interrupted.ts'
import type { Internode } from '../../../protocol/types.ts'
import { refusalOf } from '../remote/refusal.ts'
import {
  CHAT_DELIVERY_TIMEOUT_MS,
  CHAT_LIFETIME_MS,
  CHAT_RECEIVERS_AT_ONCE,
  CHAT_RETRY_MS,
  CHAT_TURN_MS,
  MAX_CHAT_RETRY_MS,
} from './chat-constants.ts'
import type { Mail } from './mail.ts'
import type { Mailbox } from './mailbox.ts'

export interface Outbox {
  /**
   * Tries what is queued for one receiver, at once. Joins the turn that the receiver may be having.
   *
   * @param peers the receiver's nodes if they are known already
   * @returns when the turn is over, whatever came of it: the mailbox tells
   */
  deliver(to: string, peers?: readonly string[]): Promise<void>
  /**
   * Tries every receiver that is due, a few at a time.
   *
   * @param peer has just connected: whoever may be reached there is due, and goes first
   * @returns when nobody is being tried any more
   */
  flush(peer?: string): Promise<void>
  start(): void
  /** What is under way is given up and stays queued. */
  stop(): Promise<void>
}

export interface OutboxParts {
  mailbox: Pick<Mailbox, 'queued' | 'setState'>
  internode: Pick<Internode, 'request'>
  /** the nodes of a user or node, by its ID */
  nodesOf: (to: string, options: { signal: AbortSignal }) => Promise<readonly string[]>
  now: () => number
  log: (line: string) => void
}

/** A receiver that could not be reached. Forgotten with the next success, or when nothing waits for it. */
interface Absence {
  failures: number
  /** milliseconds since 1970 */
  since: number
  due: number
  /** where it was looked for; none if not even that could be learnt */
  peers: readonly string[]
}

type Outcome = { state: 'delivered' } | { state: 'refused'; code: string }

export function createOutbox({ mailbox, internode, nodesOf, now, log }: OutboxParts): Outbox {
  const absences = new Map<string, Absence>()
  const turns = new Map<string, Promise<void>>()
  /** receivers whose turn is to come, in order */
  let waiting = new Set<string>()
  let stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined

  const inTime = (): AbortSignal => AbortSignal.any([stopping.signal, AbortSignal.timeout(CHAT_DELIVERY_TIMEOUT_MS)])

  /** To all nodes of the receiver at once: one that keeps it is enough. Undefined if none answered. */
  const offer = async ({ bytes }: Mail, peers: readonly string[]): Promise<Outcome | undefined> => {
    const answered = new AbortController()
    const signal = AbortSignal.any([inTime(), answered.signal])
    const options = { signal, timeoutMs: CHAT_DELIVERY_TIMEOUT_MS }
    try {
      await Promise.any(peers.map((peer) => internode.request(peer, 'chat', { message: bytes }, options)))
      return { state: 'delivered' }
    } catch (error) {
      const [code] = (error as AggregateError).errors.map(refusalOf).filter((refusal) => refusal !== undefined)
      return code === undefined ? undefined : { state: 'refused', code }
    } finally {
      answered.abort()
    }
  }

  const noteAbsence = (to: string, peers: readonly string[]): void => {
    const failures = (absences.get(to)?.failures ?? 0) + 1
    const wait = Math.min(MAX_CHAT_RETRY_MS, CHAT_RETRY_MS * 2 ** (failures - 1))
    absences.set(to, { failures, since: now(), due: now() + wait, peers })
  }

  /** Only after another try: the clock of a message's time may have been wrong. */
  const giveUpOld = async (to: string): Promise<void> => {
    const old = mailbox.queued(to).filter(({ time }) => now() - Date.parse(time) > CHAT_LIFETIME_MS)
    const ids = old.map(({ id }) => id)
    await mailbox.setState(ids, 'refused', 'TIMED_OUT')
  }

  const look = async (to: string): Promise<readonly string[]> => {
    const signal = inTime()
    // a receiver who cannot be found is as far away as one who does not answer
    return waitFor(nodesOf(to, { signal }), signal).catch(() => [])
  }

  /** All that is queued for one receiver, until one message cannot be delivered or others want their turn. */
  const turn = async (to: string, known: readonly string[] | undefined): Promise<void> => {
    const end = now() + CHAT_TURN_MS
    let peers = known
    try {
      for (let mail = mailbox.queued(to)[0]; mail !== undefined && now() <= end; mail = mailbox.queued(to)[0]) {
        peers ??= await look(to)
        const outcome = await offer(mail, peers)
        if (outcome === undefined) {
          noteAbsence(to, peers)
          return await giveUpOld(to)
        }
        await mailbox.setState([mail.id], outcome.state, 'code' in outcome ? outcome.code : undefined)
      }
      absences.delete(to)
    } catch (error) {
      // not noted down, so it is sent again: a second delivery does no harm
      noteAbsence(to, peers ?? [])
      const { code = 'INTERNAL' } = error as { code?: string }
      log(`what became of a chat message for ${to} could not be noted down: ${code}`)
    } finally {
      // in one step with the last look at the queue: what is added afterwards gets a turn of its own
      turns.delete(to)
      pump()
    }
  }

  const deliver = (to: string, peers?: readonly string[]): Promise<void> => {
    const current = turns.get(to)
    if (current !== undefined) return current
    waiting.delete(to)
    if (stopping.signal.aborted || mailbox.queued(to).length === 0) return Promise.resolve()
    const next = turn(to, peers)
    turns.set(to, next)
    return next
  }

  const pump = (): void => {
    for (const to of waiting) {
      if (turns.size >= CHAT_RECEIVERS_AT_ONCE) return
      void deliver(to)
    }
  }

  /** One whose nodes are unknown may be found as soon as this node is connected to somebody. */
  const isDue = (to: string, hasConnected: boolean): boolean => {
    const absence = absences.get(to)
    if (absence === undefined) return true
    const { peers, since, due } = absence
    const from = hasConnected && peers.length === 0 ? Math.min(due, since + CHAT_RETRY_MS) : due
    // or the clock was set back
    return now() >= from || now() < since
  }

  const drain = async (): Promise<void> => {
    while (turns.size > 0) await Promise.all(turns.values())
  }

  const flush = (peer?: string): Promise<void> => {
    const receivers = new Set(mailbox.queued().map(({ to }) => to))
    for (const to of absences.keys()) if (!receivers.has(to)) absences.delete(to)
    const isThere = (to: string): boolean => to === peer || (absences.get(to)?.peers.includes(peer ?? '') ?? false)
    const first = [...receivers].filter(isThere)
    // what failed before was another connection's fault
    for (const to of first) absences.delete(to)
    const due = [...receivers].filter((to) => !turns.has(to) && isDue(to, peer !== undefined))
    waiting = new Set([...first, ...waiting, ...due])
    pump()
    return drain()
  }

  return {
    deliver,
    flush,

    start() {
      stopping = new AbortController()
      timer = setInterval(() => void flush(), CHAT_RETRY_MS)
    },

    async stop() {
      clearInterval(timer)
      waiting.clear()
      stopping.abort()
      await drain()
    },
  }
}
