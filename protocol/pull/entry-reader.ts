import type { ProtocolError } from '../errors.ts'
import { MAX_BLOCK_BYTES, MAX_FAILURE_BYTES } from './constants.ts'
import { createHeadReader, decodeFailure, HEAD } from './entries.ts'
import { offence } from './errors.ts'

export interface EntryHandlers {
  /** a block, in memory of its own */
  block(bytes: Uint8Array): void
  missing(): void
  /** Nothing may follow. */
  end(): void
  failure(error: ProtocolError): void
}

export interface EntryReader {
  /** Bytes as they come, cut wherever. @throws ProtocolError an offence, or what a handler throws */
  feed(bytes: Uint8Array): void
  /** Whether the bytes so far end between two entries. */
  isBetween(): boolean
}

/** Holds one block of at most 2 MiB, and no more. */
export function createEntryReader(handlers: EntryHandlers): EntryReader {
  const head = createHeadReader()
  let state: 'head' | 'block' | 'length' | 'failure' | 'over' = 'head'
  let body = new Uint8Array(0)
  let filled = 0
  let isInside = false

  function expect(next: 'block' | 'failure', length: number): void {
    state = next
    // not from the pool: a block that is kept must not keep 8 KiB of others
    body = Buffer.allocUnsafeSlow(length)
    filled = 0
    if (length === 0) complete()
  }

  function complete(): void {
    const bytes = body
    const was = state
    body = new Uint8Array(0)
    state = was === 'failure' ? 'over' : 'head'
    isInside = false
    if (was === 'failure') handlers.failure(decodeFailure(bytes))
    else handlers.block(bytes)
  }

  function onHead(value: number): void {
    isInside = false
    if (value === HEAD.end) {
      state = 'over'
      handlers.end()
    } else if (value === HEAD.missing) {
      handlers.missing()
    } else if (value === HEAD.failure) {
      isInside = true
      state = 'length'
    } else {
      const length = value - HEAD.block
      if (length > MAX_BLOCK_BYTES) throw offence('FRAME_TOO_LARGE', `The peer sent a block of ${length} bytes.`)
      isInside = true
      expect('block', length)
    }
  }

  function onLength(length: number): void {
    if (length > MAX_FAILURE_BYTES) throw offence('FRAME_TOO_LARGE', `The peer sent a failure of ${length} bytes.`)
    expect('failure', length)
  }

  return {
    feed(bytes) {
      for (let at = 0; at < bytes.length; ) {
        if (state === 'over') throw offence('FRAME_UNEXPECTED', 'The peer went on after the end.')
        if (state === 'head' || state === 'length') {
          isInside = true
          const value = head.take(bytes[at++]!)
          if (value !== undefined) state === 'head' ? onHead(value) : onLength(value)
          continue
        }
        const size = Math.min(bytes.length - at, body.length - filled)
        body.set(size === bytes.length ? bytes : bytes.subarray(at, at + size), filled)
        at += size
        filled += size
        if (filled === body.length) complete()
      }
    },
    isBetween: () => !isInside,
  }
}
