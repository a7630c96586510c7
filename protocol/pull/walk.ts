import { MAX_PENDING_LINKS, MAX_WALK_BLOCKS } from './constants.ts'
import { tooLarge } from './errors.ts'
import { hasLinks, type Key } from './key.ts'
import { linksIn } from './links.ts'

export interface WalkInit {
  roots: readonly Key[]
  /** where it stops */
  have: Iterable<Key>
  /** blocks at most. @default MAX_WALK_BLOCKS */
  blocks?: number
  /** links waiting at most. @default MAX_PENDING_LINKS */
  pending?: number
}

/**
 * The order in which both sides go through a DAG, section 2 of specs/pull.md: depth first, roots and links as they stand, nothing
 * twice. It knows neither disk nor stream.
 *
 * Guarantees: what `next` gives depends on the roots, on `have` and on the blocks that were entered alone. Memory grows with the blocks
 * visited (100 bytes each) and the links waiting (60 bytes each), never with the depth of the stack.
 */
export interface Walk {
  /** The block whose turn it is, given once; undefined at the end. @throws ProtocolError PULL_TOO_LARGE */
  next(): Key | undefined
  /** The block is at hand: what it links to is next. Without this the walk goes on beside it. @throws ProtocolError PULL_TOO_LARGE */
  enter(key: Key, bytes: Uint8Array): void
  /** which block led to the one that `next` gave last; undefined for a root */
  parent(): Key | undefined
  /** blocks given so far and links waiting: how many there are at most, as far as is known */
  readonly known: number
}

export function createWalk({ roots, have, blocks = MAX_WALK_BLOCKS, pending = MAX_PENDING_LINKS }: WalkInit): Walk {
  const seen = new Set<Key>(have)
  const stopped = seen.size
  /** the next one last; beside each who linked to it */
  const waiting: Key[] = []
  const parents: (Key | undefined)[] = []
  let parent: Key | undefined

  function push(keys: readonly Key[], from: Key | undefined): void {
    for (let i = keys.length - 1; i >= 0; i--) {
      if (seen.has(keys[i]!)) continue
      waiting.push(keys[i]!)
      parents.push(from)
    }
    if (waiting.length > pending) throw tooLarge(`linked in more than ${pending} ways`)
  }
  push(roots, undefined)

  return {
    next() {
      for (;;) {
        const key = waiting.pop()
        if (key === undefined) return undefined
        parent = parents.pop()
        if (seen.has(key)) continue
        if (seen.size - stopped >= blocks) throw tooLarge(`more than ${blocks} blocks`)
        seen.add(key)
        return key
      }
    },
    enter(key, bytes) {
      if (hasLinks(key)) push(linksIn(bytes), key)
    },
    parent: () => parent,
    get known() {
      return seen.size - stopped + waiting.length
    },
  }
}
