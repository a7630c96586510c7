import { INITIAL_CREDIT_BYTES, WINDOW_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { decodeBody, type Part } from '../wire/frame.ts'
import type { BulkWindow } from './bulk-window.ts'
import { unexpected } from './endings.ts'
import type { Turns } from './turns.ts'

/** One answer as it comes in more than one frame: puts large values together, and grants credit for what there is room for. */
export interface Inflow {
  /** @returns the value, once its last part has come. @throws ProtocolError CREDIT_EXCEEDED, FRAME_UNEXPECTED, and those of a bad frame */
  part(part: Part, frameBytes: number): { value: unknown; bytes: number } | undefined
  /** A whole item came, and waits to be consumed. @throws ProtocolError CREDIT_EXCEEDED, FRAME_UNEXPECTED */
  item(frameBytes: number): void
  /** So much of what waited was consumed. */
  consumed(bytes: number): void
  /** Whether a value has begun and not ended. */
  readonly isInside: boolean
  /** Nobody waits for the rest. */
  end(): void
}

interface Assembly {
  readonly size: number
  readonly final: boolean
  /** what came before its turn */
  readonly early: Uint8Array[]
  /** memory for all of it, once it is its turn: filled as it comes, so that nothing is left to be copied at once */
  whole: Buffer<ArrayBuffer> | undefined
  got: number
  /** it is its turn: before that, no more of it is taken than came unasked */
  active: boolean
  end: () => void
}

export interface InflowParts {
  /** large values are received so many at a time */
  turns: Turns
  /** of the one whose turn it is */
  window: Pick<BulkWindow, 'bytes' | 'measure'>
  /** tells the peer */
  grant(bytes: number): void
}

export function createInflow({ turns, window, grant }: InflowParts): Inflow {
  let credit = INITIAL_CREDIT_BYTES
  /** whole items that are not consumed yet */
  let held = 0
  let assembly: Assembly | undefined
  const ended = new AbortController()

  /** There is room for one window of what is not consumed, and for the next part of a value whose turn it is, however large. */
  function topUp(): void {
    const isBulk = assembly?.active === true
    const size = isBulk ? window.bytes : WINDOW_BYTES
    const more = (isBulk ? size : assembly === undefined ? size - held : 0) - credit
    // half a window at a time: a credit for each frame would double their number
    if (ended.signal.aborted || more < size / 2) return
    credit += more
    grant(more)
    if (isBulk) window.measure()
  }

  function spend(frameBytes: number): void {
    if (credit <= 0) {
      throw new ProtocolError('CREDIT_EXCEEDED', 'The peer sends more than it was granted.', { party: 'remote' })
    }
    credit -= frameBytes
  }

  function begin({ size, final }: Part): Assembly {
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun: Assembly = { size, final, early: [], whole: undefined, got: 0, active: false, end: resolve }
    const receive = (): Promise<void> => {
      begun.active = true
      topUp()
      return promise
    }
    void turns.run(receive, ended.signal)
    return begun
  }

  function keep(into: Assembly, bytes: Uint8Array): void {
    // what was given is a view of what is read next
    if (!into.active) into.early.push(new Uint8Array(bytes))
    else {
      into.whole ??= filled(into.size, into.early)
      into.whole.set(bytes, into.got)
    }
    into.got += bytes.length
  }

  return {
    part(part, frameBytes) {
      spend(frameBytes)
      assembly ??= begin(part)
      const { size, final } = assembly
      if (part.size !== size || part.final !== final || assembly.got + part.bytes.length > size) {
        throw unexpected('a part of something else')
      }
      keep(assembly, part.bytes)
      if (assembly.got < size) {
        topUp()
        return undefined
      }
      const { whole, early } = assembly
      assembly.end()
      assembly = undefined
      held += size
      topUp()
      return { value: decodeBody(whole ?? Buffer.concat(early)), bytes: size }
    },
    item(frameBytes) {
      if (assembly !== undefined) throw unexpected('an item inside another')
      spend(frameBytes)
      held += frameBytes
    },
    consumed(bytes) {
      held -= bytes
      topUp()
    },
    get isInside() {
      return assembly !== undefined
    },
    end() {
      ended.abort()
      assembly?.end()
    },
  }
}

function filled(size: number, parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const whole = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
