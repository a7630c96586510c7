/** How many streams are open, whose, and how much memory they hold. Other nodes leave some of both to whoever is at this machine. */

import { MAX_STREAM_BYTES, MAX_STREAMS, MAX_STREAMS_PER_SOURCE, STRANGERS_SHARE } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { isNear } from '../run/call-limits.ts'

/** A place for one stream. */
export interface StreamPlace {
  /** Counts the memory of its instance. @throws CallsError SERVICE_BUSY */
  hold(bytes: number): void
  /** Gives it up; more than once is as good as once. */
  leave(): void
}

export interface StreamRoom {
  /** @param from as in Asking @throws CallsError SERVICE_BUSY */
  enter(from: string): StreamPlace
}

export interface StreamRoomInit {
  /** streams at a time, of all and of each source. @default MAX_STREAMS, MAX_STREAMS_PER_SOURCE */
  total?: number
  perSource?: number
  /** of the memories of all instances together. @default MAX_STREAM_BYTES */
  bytes?: number
}

export function createStreamRoom(init: StreamRoomInit = {}): StreamRoom {
  const { total = MAX_STREAMS, perSource = MAX_STREAMS_PER_SOURCE, bytes: most = MAX_STREAM_BYTES } = init
  const sources = new Map<string, number>()
  let open = 0
  let held = 0

  return {
    enter(from) {
      const own = sources.get(from) ?? 0
      const share = isNear(from) ? 1 : STRANGERS_SHARE
      if (own >= perSource) throw full('of you are open here already', 'end one of them')
      if (open >= Math.floor(total * share)) throw full('are open here already', 'try again later')
      sources.set(from, own + 1)
      open++
      let mine = 0
      let left = false
      return {
        hold(bytes) {
          if (held + bytes > most * share)
            throw full('hold memory here already for one of this size', 'try again later')
          held += bytes
          mine += bytes
        },
        leave() {
          if (left) return
          left = true
          open--
          held -= mine
          const others = (sources.get(from) ?? 1) - 1
          if (others === 0) sources.delete(from)
          else sources.set(from, others)
        },
      }
    },
  }
}

function full(what: string, hint: string): CallsError {
  return new CallsError('SERVICE_BUSY', `Too many streams ${what}.`, hint)
}
