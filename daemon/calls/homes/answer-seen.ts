/** Looks for another node whether what it published can be found and fetched from here: the method `seen` of specs/internode.md, section 12. */
import type { CID } from 'multiformats/cid'
import type { Pulls } from '../../../protocol/pull/types.ts'
import type { Handler } from '../../../protocol/types.ts'
import type { Registry } from '../../../registry/home/types.ts'
import { createPeerRates } from '../remote/peer-rates.ts'
import { badRequest, isCid, isCount, isText, reader } from '../remote/wire.ts'
import {
  MAX_SEEN_ASKERS,
  SEEN_AT_ONCE,
  SEEN_BLOCKS,
  SEEN_BURST,
  SEEN_BYTES,
  SEEN_MS,
  SEEN_PER_SECOND,
} from './constants.ts'

export interface AnswerSeenParts {
  registry: Pick<Registry, 'resolve'>
  pulls: Pick<Pulls, 'pull'>
}

/** What was found; `code` says why not all of it. */
export interface SeenAnswer {
  /** of the asker's own node record; null if there is none */
  seq: number | null
  contract: boolean
  code: string | null
}

/** Nothing of it is kept but the home, as of any user that is looked up. Who asks too often, or while others are served, is told so. */
export function createAnswerSeen({ registry, pulls }: AnswerSeenParts): Handler {
  const isTooOften = createPeerRates({ perSecond: SEEN_PER_SECOND, burst: SEEN_BURST }, MAX_SEEN_ASKERS)
  let running = 0

  const look = async (
    peer: string,
    { user, seq, contract }: { user: string; seq: number; contract: CID },
    signal: AbortSignal,
  ): Promise<SeenAnswer> => {
    const { nodes, services, versions } = await registry.resolve(user, { signal, fresh: true })
    const found = nodes.find(({ record }) => record.node === peer)?.record.seq ?? null
    if (found === null || found < seq) return { seq: found, contract: false, code: 'RECORD_STALE' }
    // only what the user says to have published is fetched
    const isListed = [...services, ...versions].some((one) => one.contract.equals(contract))
    if (!isListed) return { seq: found, contract: false, code: 'CONTENT_NOT_FOUND' }
    const limits = { blocks: SEEN_BLOCKS, bytes: SEEN_BYTES }
    const { missing } = await pulls.pull(peer, { roots: [contract] }, { signal, limits, take: async () => {} })
    const isWhole = missing.length === 0
    return { seq: found, contract: isWhole, code: isWhole ? null : 'CONTENT_NOT_FOUND' }
  }

  return async (body, { peer, signal }) => {
    const read = reader(body, badRequest)
    const wanted = { user: read('user', isText), seq: read('seq', isCount), contract: read('contract', isCid) }
    if (isTooOften(peer) || running >= SEEN_AT_ONCE) return nothing('BUSY')
    running++
    try {
      return await look(peer, wanted, AbortSignal.any([signal, AbortSignal.timeout(SEEN_MS)]))
    } catch (error) {
      const { code } = error as { code?: unknown }
      return nothing(typeof code === 'string' ? code : 'TIMED_OUT')
    } finally {
      running--
    }
  }
}

const nothing = (code: string): SeenAnswer => ({ seq: null, contract: false, code })
