import type { Stream } from '@libp2p/interface'
import { pEvent } from 'p-event'
import { MAX_UNSENT_BYTES, type PullLimits, WRITE_BYTES } from './constants.ts'
import { encodeVarint, HEAD } from './entries.ts'
import { lost, stalled } from './errors.ts'

/** Writes entries to a stream, several at a time, no faster than the peer reads. */
export interface Outlet {
  block(bytes: Uint8Array): void
  missing(): void
  /** Resolves when more may be given. @throws ProtocolError CONNECTION_LOST, TIMED_OUT */
  ready(): Promise<void>
  /** Everything given is on its way, and so is the end. */
  end(): Promise<void>
  failure(body: Uint8Array): Promise<void>
}

/** Blocks up to here are copied into one piece: that costs less than what carries each piece. */
const COPY_BYTES = 4_096

export function createOutlet(stream: Stream, { stallMs }: Pick<PullLimits, 'stallMs'>, signal: AbortSignal): Outlet {
  let parts: Uint8Array[] = []
  let small: Uint8Array[] = []
  let size = 0

  function add(bytes: Uint8Array): void {
    size += bytes.length
    small.push(bytes)
    if (bytes.length > COPY_BYTES) gather()
  }

  function gather(): void {
    const last = small.at(-1)
    if (last === undefined) return
    if (last.length > COPY_BYTES) small.pop()
    if (small.length > 0) parts.push(small.length === 1 ? small[0]! : Buffer.concat(small))
    if (last.length > COPY_BYTES) parts.push(last)
    small = []
  }

  /** @param unsent bytes that may still wait when it resolves */
  async function flush(unsent: number): Promise<void> {
    gather()
    const batch = parts
    parts = []
    size = 0
    for (const part of batch) {
      send(part)
      await room(MAX_UNSENT_BYTES)
    }
    await room(unsent)
  }

  function send(part: Uint8Array): void {
    try {
      stream.send(part)
    } catch {
      throw lost('The stream closed.')
    }
  }

  /** A drain event says that some of it went, not that all did. */
  async function room(unsent: number): Promise<void> {
    while (stream.writeBufferLength > unsent) await drained()
  }

  async function drained(): Promise<void> {
    try {
      await pEvent(stream, 'drain', { rejectionEvents: ['close'], timeout: stallMs, signal })
    } catch (error) {
      throw (error as Error)?.name === 'TimeoutError' ? stalled('local') : lost('The stream closed.')
    }
  }

  async function last(...entry: Uint8Array[]): Promise<void> {
    for (const bytes of entry) add(bytes)
    await flush(0)
  }

  return {
    block(bytes) {
      add(encodeVarint(HEAD.block + bytes.length))
      add(bytes)
    },
    missing: () => add(Uint8Array.of(HEAD.missing)),
    ready: async () => {
      if (size >= WRITE_BYTES) await flush(MAX_UNSENT_BYTES)
    },
    end: () => last(Uint8Array.of(HEAD.end)),
    failure: (body) => last(Uint8Array.of(HEAD.failure), encodeVarint(body.length), body),
  }
}
