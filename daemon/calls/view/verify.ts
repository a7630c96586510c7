/** Checks a service, a commit or a receipt by executing again what was signed. */
import type { CID } from 'multiformats/cid'
import type { Json, Methods, ProvenCall } from '../../api/vocabulary.ts'
import type { Verify } from '../../store/database-types.ts'
import type { History } from '../../store/types.ts'
import type { GetCopy } from '../pull/copy.ts'
import { ProofError } from '../receipt/proof-error.ts'
import { checkReceipt, type Receipt, readReceipt } from '../receipt/receipt.ts'
import type { Proven } from '../receipt/receipt-proof.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import type { Verified, Waiting } from '../types.ts'
import { decodeArguments, decodeResult } from '../values.ts'
import { orElse } from './read-calls.ts'

type Answer = Methods['verify']['result']

export interface VerifyUseCase {
  /**
   * A service up to its head, or up to the commit that the name is of; all of it, also what was executed here before, or what came after
   * the commit `from`.
   *
   * @throws CallsError NOT_A_COMMIT if `from` is not before it
   */
  service(name: string, options: Waiting & { from?: CID | undefined }): Promise<Answer>
  /** @throws CallsError RECEIPT_INVALID if it is none */
  receipt(receipt: Json, waiting: Waiting): Promise<Answer>
}

export interface VerifyParts {
  history: Pick<History, 'head' | 'commit' | 'at'>
  getCopy: GetCopy
  replayer: Pick<LocalReplayer, 'again'>
  verify: Verify
}

export function createVerify({ history, getCopy, replayer, verify }: VerifyParts): VerifyUseCase {
  const isHere = async (service: CID, commit: CID): Promise<boolean> => {
    if ((await history.head(service)) === undefined) return false
    const found = await history.commit(commit).catch(() => undefined)
    return found?.service?.equals(service) ?? false
  }

  /** What a receipt is worth beside the history that is here: a host that signed two is found by it. */
  const refutedByHistory = async (receipt: Receipt): Promise<Answer | undefined> => {
    const { service, commit, seq } = receipt
    const ours = (await history.head(service)) && (await history.at(service, seq))
    if (ours === undefined || ours.toString() === commit.toString()) return undefined
    const { epoch } = await history.commit(ours)
    // of another epoch: its owner gave up what came after an older commit
    const what = epoch === receipt.handovers.length ? 'equivocation' : 'history'
    return refuted(receipt, what, { expected: ours.toString(), found: commit.toString() })
  }

  return {
    async service(name, options) {
      const { service, at, stale } = await getCopy(name, options)
      return { ...toJson(await replayer.again(service, at, options)), ...(stale && { stale }) }
    },
    async receipt(json, waiting) {
      const receipt = readReceipt(json)
      const proven = await prove(receipt, verify)
      if (proven instanceof ProofError) return refuted(receipt, proven.field, proven.sides)
      const wrong = await refutedByHistory(receipt)
      if (wrong) return wrong
      const { service, commit } = receipt
      const proves = provenCall(receipt, proven)
      if (await isHere(service, commit)) {
        const answer = toJson(await replayer.again(service, commit, waiting))
        return answer.ok ? { ...answer, proves } : answer
      }
      // the proof holds: its host signed it, and nobody here has executed it
      const only = commit.toString()
      return { ok: true, commits: 1, calls: 1, trust: 'signed', from: only, to: only, proves }
    },
  }
}

async function prove(receipt: Receipt, verify: Verify): Promise<Proven | ProofError> {
  try {
    return await checkReceipt(receipt, verify)
  } catch (error) {
    if (error instanceof ProofError) return error
    throw error
  }
}

function provenCall(receipt: Receipt, { time, caller, method, args }: Proven): ProvenCall {
  const { service, commit, seq, index, host, gas, result } = receipt
  return {
    service: service.toString(),
    commit: commit.toString(),
    ...{ seq, index, host, caller, method },
    time: new Date(time).toISOString(),
    args: orElse([], () => decodeArguments(args)),
    result: orElse(null, () => decodeResult(result)),
    gas: Number(gas),
  }
}

const SIDES = { expected: 'what was signed', found: 'what the receipt says' }

function refuted({ commit, seq, index }: Receipt, what: string, sides = SIDES): Answer {
  const at = commit.toString()
  const mismatch = { commit: at, seq, what, call: index, ...sides }
  return { ok: false, commits: 1, calls: 1, trust: 'none', from: at, to: at, mismatch }
}

function toJson({ from, to, ...found }: Verified): Answer {
  return { ...found, from: from.toString(), to: to.toString() }
}
