/** What a replay reads of this node: commits with all that they link, each block's hash checked, and what was executed before. */
import { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import { checkBlock } from '../../store/checked-blocks.ts'
import { isChunked } from '../../store/commit-calls.ts'
import { decodeCommit, type SignedCommit } from '../../store/commit-codec.ts'
import type { Commit, SparseDelta } from '../../store/commit-types.ts'
import { MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES } from '../../store/constants.ts'
import type { Blocks } from '../../store/database-types.ts'
import { decodeDelta } from '../../store/delta-codec.ts'
import { links } from '../../store/links.ts'
import { need, unpackPayload } from '../../store/payload.ts'
import type { History } from '../../store/types.ts'
import type { Origin } from '../../vm/types.ts'
import { MAX_REPLAY_CONTENT_BYTES } from '../constants.ts'
import type { Contracts } from '../life/contracts.ts'
import { serviceOf } from '../life/lifecycle.ts'
import { type MergeOrder, mergeOrderOf } from '../life/merge-order.ts'
import { BrokenHistory } from './broken-history.ts'
import { difference } from './compare.ts'
import type { Header, Step } from './types.ts'

export interface ReplaySource {
  /**
   * @param seq its place, for whoever is told that it is wrong
   * @throws BrokenHistory, StoreError BLOCK_MISSING
   */
  header(commit: CID, seq?: number): Promise<Header>
  /** @throws BrokenHistory if a block is not what its name says, or is not signed; StoreError BLOCK_MISSING */
  commit(step: Step): Promise<Commit>
  delta(commit: Commit): Promise<SparseDelta>
  /** what its calls may read by CID */
  content(commit: Commit): Promise<ReadonlyMap<string, Uint8Array>>
  contract(cid: CID): Promise<Contract>
  module(contract: Contract): Promise<Uint8Array>
  /** The commit that a rollback names. @throws BrokenHistory if it is not in the history before it */
  ancestor(rollback: Commit): Promise<Commit>
  image(at: Commit): Promise<Origin>
  /** That of another service, at one of its commits. */
  stateOf(service: CID, at: CID): Promise<Origin>
  /** Where this call was executed before, as far as this replay has seen; notes that it now was. */
  executedBefore(id: CID, place: string): string | undefined
}

export interface ReplaySourceParts {
  blocks: Pick<Blocks, 'get' | 'has' | 'put'>
  history: Pick<History, 'commit' | 'image'>
  contracts: Contracts
}

/** Bytes of a call's hash that are kept: two of a billion calls are alike once in ten million histories. */
const ID_BYTES = 12

export function createReplaySource({ blocks, history, contracts }: ReplaySourceParts): ReplaySource {
  const executed = new Map<string, string>()

  /** The bytes that have this hash: what is on a disk may have rotted. */
  const checked = async (step: Step, cid: CID): Promise<Uint8Array> => {
    const bytes = await need(blocks, cid)
    try {
      checkBlock(cid, bytes)
      return bytes
    } catch (error) {
      throw new BrokenHistory(step, difference('damaged', null, `the block ${cid}`, (error as Error).message))
    }
  }

  /** A commit's own block and those of its calls, arguments and delta. */
  const checkBlocks = async (step: Step): Promise<void> => {
    const waiting = partsOf(decoded(step, await checked(step, step.commit)))
    for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
      waiting.push(...links(cid, await checked(step, cid)))
    }
  }

  /** @throws BrokenHistory if it is not what its host could have signed */
  const read = async (step: Step): Promise<Commit> => {
    try {
      return await history.commit(step.commit)
    } catch (error) {
      const what = UNREADABLE[(error as { code?: string }).code ?? '']
      if (what === undefined) throw error
      throw new BrokenHistory(step, difference(what, null, `a commit of ${step.commit}`, (error as Error).message))
    }
  }

  /** What is wrong with the commit is told when it is executed. */
  const mergedBy = async (commit: CID): Promise<MergeOrder | undefined> => {
    const whole = await history.commit(commit).catch(() => undefined)
    return whole && mergeOrderOf(whole)
  }

  return {
    async header(cid, seq = 0) {
      const commit = withoutBlock(cid)
      const step = { commit, seq }
      const { body } = decoded(step, await checked(step, cid))
      const origin = body.kind === 'fork' ? body.from : undefined
      const parent = 'parent' in body ? body.parent : undefined
      const merged = body.kind === 'upgrade' ? await mergedBy(commit) : undefined
      return { commit, seq: body.seq, service: body.service ?? commit, parent, origin, ...(merged && { merged }) }
    },
    async commit(step) {
      await checkBlocks(step)
      return read(step)
    },
    async delta(commit) {
      const { delta, cid } = commit
      if (delta === undefined) throw new TypeError(`a step without a delta: ${cid}`)
      if ('lines' in delta) return delta
      return decodeDelta(await unpackPayload(delta, blocks, MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES, commit))
    },
    async content({ content, cid: commit, seq }) {
      const read = new Map<string, Uint8Array>()
      let room = MAX_REPLAY_CONTENT_BYTES
      for (const cid of content) {
        const bytes = await checked({ commit, seq }, cid)
        room -= bytes.length
        if (room >= 0) read.set(cid.toString(), bytes)
        else
          throw new BrokenHistory(
            { commit, seq },
            difference('content', null, 'what a host can give to its calls', 'more'),
          )
      }
      return read
    },
    contract: contracts.load,
    module: contracts.module,
    async ancestor(rollback) {
      const { from, parent, seq } = rollback
      let at = await read({ commit: parent!, seq: seq - 1 })
      while (!at.cid.equals(from!) && at.parent) at = await read({ commit: at.parent, seq: at.seq - 1 })
      if (at.cid.equals(from!)) return at
      const found = difference('from', null, 'a commit of its history', from)
      throw new BrokenHistory({ commit: rollback.cid, seq }, found)
    },
    image: (commit) => history.image(serviceOf(commit), commit.cid),
    stateOf: (service, at) => history.image(service, at),
    executedBefore(id, place) {
      const key = Buffer.from(id.multihash.digest.subarray(0, ID_BYTES)).toString('latin1')
      const before = executed.get(key) ?? place
      executed.set(key, before)
      // a commit that is tried again is not executed twice
      return before === place ? undefined : before
    },
  }
}

/** What a commit that cannot be read is, by the code of the store. */
const UNREADABLE: Record<string, string> = {
  BLOCK_DAMAGED: 'damaged',
  BLOCK_INVALID: 'block',
  BLOCK_TOO_LARGE: 'block',
  BAD_SIGNATURE: 'signature',
  BROKEN_CHAIN: 'chain',
}

function decoded(step: Step, bytes: Uint8Array): SignedCommit {
  try {
    return decodeCommit(step.commit, bytes)
  } catch (error) {
    throw new BrokenHistory(step, difference('block', null, 'a commit', (error as Error).message))
  }
}

/** The blocks that belong to a commit alone: not its parent, its contract or its memory. */
function partsOf({ body }: SignedCommit): CID[] {
  const payloads: unknown[] = isChunked(body.calls)
    ? [...body.calls.chunks]
    : body.calls.flatMap(({ envelope, result, events, inputs }) => [envelope, result, events, inputs])
  if ('delta' in body) payloads.push(body.delta)
  if ('content' in body) payloads.push(body.content)
  if ('genesis' in body) payloads.push(body.genesis.args)
  return payloads.flatMap((payload) => CID.asCID(payload) ?? [])
}

/** A decoded link may be a view that keeps its whole block in memory. */
const withoutBlock = (cid: CID): CID => CID.decode(Uint8Array.from(cid.bytes))
