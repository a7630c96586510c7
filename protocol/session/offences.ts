/** Counts protocol offences by peer, in bounded memory, and says who is to be refused for a while. */
export interface Offences {
  record(peer: string): void
  /** how many within the window; those for which the peer is refused by now are not counted again */
  count(peer: string): number
  /** milliseconds until the peer is heard again; 0 if it is not refused */
  refusedFor(peer: string): number
}

export interface OffencesInit {
  /** this many within the window are too many */
  offences: number
  offenceWindowMs: number
  refusalMs: number
  /** peers remembered; the one that offended longest ago is forgotten first */
  peers: number
}

export function createOffences(init: OffencesInit, now: () => number): Offences {
  const records = new Map<string, { times: number[]; refusedUntil: number }>()

  return {
    record(peer) {
      const time = now()
      const record = records.get(peer) ?? { times: [], refusedUntil: 0 }
      record.times = [...record.times.filter((before) => before > time - init.offenceWindowMs), time]
      if (record.times.length >= init.offences) {
        record.refusedUntil = time + init.refusalMs
        record.times = []
      }
      records.delete(peer)
      records.set(peer, record)
      if (records.size > init.peers) records.delete(records.keys().next().value!)
    },
    count(peer) {
      const since = now() - init.offenceWindowMs
      return records.get(peer)?.times.filter((before) => before > since).length ?? 0
    },
    refusedFor(peer) {
      return Math.ceil(Math.max(0, (records.get(peer)?.refusedUntil ?? 0) - now()))
    },
  }
}
