import { ProtocolError } from '../errors.ts'
import { FIRST_READ_BLOCKS, MAX_BLOCK_BYTES, MAX_READ_BLOCKS, type PullLimits, READ_BYTES } from './constants.ts'
import type { PullErrorCode } from './errors.ts'
import { cidOf, hasLinks, type Key, names } from './key.ts'
import type { Outlet } from './outlet.ts'
import type { PullRequest } from './request.ts'
import type { Source } from './types.ts'
import { createWalk } from './walk.ts'

/** Some blocks of the walk, one after the other whatever is in them: all but the last are raw. */
interface Run {
  keys: Key[]
  /** the same blocks; what was skipped unread is empty */
  blocks: (Uint8Array | undefined)[]
}

/**
 * Walks through what is here and gives it to the outlet, reading the next blocks while the last ones are being sent.
 *
 * @throws ProtocolError PULL_TOO_LARGE, TRANSFER_LIMIT, CANNOT_RESUME: for the peer to know; CONNECTION_LOST, TIMED_OUT
 */
export async function sendBlocks(
  request: PullRequest,
  source: Source,
  outlet: Outlet,
  { transferBytes }: Pick<PullLimits, 'transferBytes'>,
): Promise<void> {
  const walk = createWalk(request)
  let { skip } = request
  let unread = skip
  let sent = 0
  let runLength = FIRST_READ_BLOCKS

  async function read(): Promise<Run> {
    const keys: Key[] = []
    const most = unread > 0 ? Math.min(unread, MAX_READ_BLOCKS) : runLength
    for (let key = walk.next(); key !== undefined; key = keys.length < most ? walk.next() : undefined) {
      keys.push(key)
      if (hasLinks(key)) break
    }
    if (unread === 0) return { keys, blocks: await readAll(source, keys) }
    unread -= keys.length
    const last = keys.at(-1)
    const blocks: Run['blocks'] = keys.map(() => EMPTY)
    if (last !== undefined && hasLinks(last)) blocks[keys.length - 1] = await source.get(cidOf(last))
    return { keys, blocks }
  }

  function give({ keys, blocks }: Run): void {
    let bytes = 0
    for (const [i, key] of keys.entries()) {
      const block = blocks[i]
      const isUnread = block === EMPTY && !hasLinks(key)
      // what the disk damaged is as good as not there: the peer would take it for a lie
      const isThere = block !== undefined && block.length <= MAX_BLOCK_BYTES && (isUnread || names(key, block))
      if (skip > 0) {
        if (!isThere) throw cannotResume(key)
        skip--
      } else if (isThere) {
        if (sent + block.length > transferBytes) throw transferLimit(transferBytes)
        sent += block.length
        bytes += block.length
        outlet.block(block)
      } else {
        outlet.missing()
      }
      if (isThere) walk.enter(key, block)
    }
    // about READ_BYTES, going by the last ones; never a leap, as small ones say nothing of those that follow
    const fitting = Math.floor((READ_BYTES * keys.length) / Math.max(bytes, 1))
    if (keys.length > 1) runLength = Math.max(1, Math.min(MAX_READ_BLOCKS, runLength * 2, fitting))
  }

  for (let run = await read(); run.keys.length > 0; ) {
    give(run)
    const next = read()
    next.catch(() => undefined)
    await outlet.ready()
    run = await next
  }
  await outlet.end()
}

const EMPTY = new Uint8Array(0)

async function readAll(source: Source, keys: readonly Key[]): Promise<(Uint8Array | undefined)[]> {
  const cids = keys.map(cidOf)
  if (cids.length === 1) return [await source.get(cids[0]!)]
  if (source.getMany) return source.getMany(cids)
  return Promise.all(cids.map((cid) => source.get(cid)))
}

function cannotResume(key: Key): ProtocolError {
  const code: PullErrorCode = 'CANNOT_RESUME'
  return new ProtocolError(code, `The block ${cidOf(key)} of what was sent before is gone.`, { hint: 'Ask anew.' })
}

function transferLimit(bytes: number): ProtocolError {
  const code: PullErrorCode = 'TRANSFER_LIMIT'
  return new ProtocolError(code, `One transfer is ${bytes} bytes at most.`, { hint: 'Ask for the rest.' })
}
