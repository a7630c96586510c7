/**
 * Executes a history again and compares everything: every call with its caller's signature, result, gas and events, every commit with
 * its time, its delta and the roots before and after. What holds was computed by the contract and by nobody else.
 */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Commit } from '../../store/types.ts'
import { genesisRequest } from '../context.ts'
import { createCompare, type Mismatch, ReplayMismatch } from './mismatch.ts'
import { type Place, readChain, readCommit } from './read-chain.ts'
import { replayStep } from './replay-step.ts'
import type { ReplayParts } from './types.ts'

export interface Replayed {
  /** what was executed again, the genesis among them */
  commits: number
  calls: number
  mismatch?: Mismatch
}

export interface ReplayOptions {
  /** the commit up to which all was replayed before. @default none: from the genesis on */
  after?: CID | undefined
  signal: AbortSignal
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** @throws StoreError BLOCK_MISSING if part of the history is not here; CallsError ENGINE_UNKNOWN */
export type Replay = (service: CID, to: Place, options: ReplayOptions) => Promise<Replayed>

export function createReplay(parts: ReplayParts): Replay {
  const { vm, history, contracts } = parts

  /** The genesis again: what it makes of the contract and the recorded arguments has to be the first memory. */
  const startAnew = async (key: string, commit: Commit): Promise<void> => {
    const compare = createCompare(commit)
    compare.same('engine', commit.engine.toString(), vm.engine)
    const contract = await contracts.load(commit.contract)
    const module = await contracts.module(contract)
    const { outcome, origin } = await vm.genesis(key, module, genesisRequest(commit.genesis!, commit.time))
    if (!outcome.ok) compare.same('failed', 'it started', outcome.error.code)
    compare.bytes('root', commit.root, origin!.root)
  }

  return async (service, to, { after, signal, onProgress }) => {
    const key = `replay/${randomBytes(8).toString('hex')}`
    const done: Replayed = { commits: 0, calls: 0 }
    try {
      const chain = await readChain(parts, to, after, signal)
      const { genesis } = await history.commit(service)
      let last = after && (await history.commit(after))
      if (after !== undefined) await vm.open(key, await history.image(service, after))
      for (const place of chain) {
        signal.throwIfAborted()
        const commit = await readCommit(parts, place)
        if (last === undefined) await startAnew(key, commit)
        else await replayStep(parts, { key, service, owner: genesis!.owner, last, commit, signal })
        last = commit
        done.commits++
        done.calls += commit.calls.length
        onProgress?.(done.commits, chain.length)
      }
      return done
    } catch (error) {
      if (error instanceof ReplayMismatch) return { ...done, mismatch: error.mismatch }
      throw error
    } finally {
      await vm.close(key)
    }
  }
}
