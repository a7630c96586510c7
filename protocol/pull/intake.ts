import { offence, tooLarge } from './errors.ts'
import { cidOf, type Key, names } from './key.ts'
import type { Block, Missing } from './types.ts'
import type { Walk } from './walk.ts'

export interface IntakeInit {
  /** bytes of all blocks, and of one */
  bytes: number
  blockBytes: number
}

/** The asker's side of a walk: what is due, what came, what the peer lacks. It outlives the streams over which it comes. */
export interface Intake {
  /** The walk's next block is here already: it will not be asked for. */
  known(bytes: Uint8Array): void
  /** @throws ProtocolError WRONG_BLOCK, FRAME_UNEXPECTED (offences), PULL_TOO_LARGE */
  block(bytes: Uint8Array): Block
  /** @throws ProtocolError FRAME_UNEXPECTED */
  absent(): void
  /** @throws ProtocolError FRAME_UNEXPECTED */
  end(): void
  /** the block that is due; undefined when all came */
  readonly due: Key | undefined
  /** blocks of the walk that are here: what a next stream skips */
  readonly skip: number
  readonly blocks: number
  readonly bytes: number
  readonly missing: readonly Missing[]
  /** what the peer was found not to have */
  readonly lacks: readonly Key[]
}

export function createIntake(walk: Walk, limits: IntakeInit): Intake {
  const missing: Missing[] = []
  const lacks: Key[] = []
  let due = walk.next()
  let skip = 0
  let blocks = 0
  let bytes = 0

  function expected(): Key {
    if (due === undefined) throw offence('FRAME_UNEXPECTED', 'The peer sent more than was asked for.')
    return due
  }

  function enter(key: Key, block: Uint8Array): void {
    skip++
    walk.enter(key, block)
    due = walk.next()
  }

  return {
    known(block) {
      enter(expected(), block)
    },
    block(block) {
      const key = expected()
      if (block.length > limits.blockBytes) throw tooLarge(`a block of ${block.length} bytes`)
      if (bytes + block.length > limits.bytes) throw tooLarge(`more than ${limits.bytes} bytes`)
      if (!names(key, block)) throw offence('WRONG_BLOCK', `The peer sent something else for ${cidOf(key)}.`)
      blocks++
      bytes += block.length
      enter(key, block)
      return { cid: cidOf(key), bytes: block }
    },
    absent() {
      const key = expected()
      const parent = walk.parent()
      missing.push({ cid: cidOf(key), parent: parent === undefined ? undefined : cidOf(parent) })
      lacks.push(key)
      due = walk.next()
    },
    end() {
      if (due !== undefined) throw offence('FRAME_UNEXPECTED', `The peer ended before ${cidOf(due)}.`)
    },
    get due() {
      return due
    },
    get skip() {
      return skip
    },
    get blocks() {
      return blocks
    },
    get bytes() {
      return bytes
    },
    missing,
    lacks,
  }
}
