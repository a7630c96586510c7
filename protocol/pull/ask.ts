import { setTimeout as wait } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { ProtocolError } from '../errors.ts'
import { interrupted } from '../session/interrupted.ts'
import { MAX_BLOCK_BYTES, MAX_GRANT_BYTES, MAX_HAVE, MAX_ROOTS, type PullLimits } from './constants.ts'
import { createIntake, type Intake } from './intake.ts'
import { cidOf, hasLinks, type Key, keyOf, names } from './key.ts'
import { type Reception, receive } from './receive.ts'
import { createSink } from './sink.ts'
import type { Pulled, PullOptions, Wanted } from './types.ts'
import { createWalk } from './walk.ts'

/**
 * One pull over as many streams as it takes. See Pulls.pull.
 *
 * @param open a stream with the peer
 */
export async function ask(
  open: (options: { signal: AbortSignal }) => Promise<Stream>,
  wanted: Wanted,
  options: PullOptions,
  limits: PullLimits,
): Promise<Pulled> {
  const { signal, here, onProgress } = options
  const { blocks, bytes = Number.MAX_SAFE_INTEGER, blockBytes = MAX_BLOCK_BYTES } = options.limits ?? {}
  const roots = keysOf(wanted.roots, MAX_ROOTS)
  const have = keysOf(wanted.have ?? [], MAX_HAVE)
  if (roots.length === 0 || (wanted.grant?.length ?? 0) > MAX_GRANT_BYTES) throw invalid()

  const walk = createWalk({ roots, have, ...(blocks !== undefined && { blocks }) })
  const intake = createIntake(walk, { bytes, blockBytes })
  if (here) await passKnown(intake, here, signal)

  let reception: Reception | undefined
  const sink = createSink(options.take, { ...limits, onTurn: (failure) => reception?.onTurn(failure) })
  const onBlock = (): void => onProgress?.({ blocks: intake.blocks, bytes: intake.bytes, total: walk.known })

  let failures = 0
  while (intake.due !== undefined) {
    const before = intake.blocks
    try {
      const stream = await open({ signal })
      const request = { roots, have: [...have, ...intake.lacks], skip: intake.skip, claim: wanted }
      reception = receive(stream, request, { intake, sink, onBlock }, { limits, signal })
      await reception.done
    } catch (error) {
      // what is checked is kept, whatever comes next
      await sink.flushed()
      const cameFar = intake.blocks > before
      if (cameFar) failures = 0
      const mayGoOn = mayResume(error, { cameFar, hasBegun: intake.blocks > 0 })
      if (!mayGoOn || failures++ >= limits.retries || have.length + intake.lacks.length > MAX_HAVE) throw error
      await pause(Math.min(limits.retryMs * 2 ** (failures - 1), limits.maxRetryMs), signal)
    }
  }
  await sink.flushed()
  return { blocks: intake.blocks, bytes: intake.bytes, missing: [...intake.missing] }
}

/** As far as the walk finds its blocks here. Raw ones need not be read to go on. */
async function passKnown(intake: Intake, here: NonNullable<PullOptions['here']>, signal: AbortSignal): Promise<void> {
  for (let key = intake.due; key !== undefined; key = intake.due) {
    if (signal.aborted) throw interrupted(signal)
    const cid = cidOf(key)
    const bytes = hasLinks(key) ? await here.get(cid) : (await here.has(cid)) ? EMPTY : undefined
    // what the disk damaged would lead elsewhere: it is asked for again
    if (bytes === undefined || (hasLinks(key) && !names(key, bytes))) return
    intake.known(bytes)
  }
}

const EMPTY = new Uint8Array(0)

/** Whether the next stream may go on where the last one broke. A peer that is silent from the start, or away, is not waited for. */
function mayResume(error: unknown, { cameFar, hasBegun }: { cameFar: boolean; hasBegun: boolean }): boolean {
  if (!(error instanceof ProtocolError)) return false
  if (error.code === 'TIMED_OUT' || error.code === 'TRANSFER_LIMIT') return cameFar
  return error.code === 'CONNECTION_LOST' || (error.code === 'PEER_UNREACHABLE' && hasBegun)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {
    throw interrupted(signal)
  })
}

function keysOf(cids: readonly CID[], most: number): Key[] {
  const keys = cids.map(keyOf)
  if (keys.length > most || keys.includes(undefined)) throw invalid()
  return keys as Key[]
}

function invalid(): ProtocolError {
  return new ProtocolError('REQUEST_INVALID', 'A pull is not within its bounds: see specs/pull.md, section 3.')
}
