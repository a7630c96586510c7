/** Checks a service, a commit or a receipt by executing again what was signed. */
import type { CID } from 'multiformats/cid'
import type { Json, Methods } from '../api/vocabulary.ts'
import type { Verify } from '../store/database-types.ts'
import type { History } from '../store/types.ts'
import type { GetCopy } from './copy.ts'
import { checkReceipt, type Receipt, readReceipt } from './receipt.ts'
import { ProofError } from './receipt-proof.ts'
import type { LocalReplayer } from './replay/replayer.ts'
import type { Verified, Waiting } from './types.ts'

type Answer = Methods['verify']['result']

export interface VerifyUseCase {
  /** A service up to its head, or up to the commit that the name is of; all of it, also what was executed here before. */
  service(name: string, waiting: Waiting): Promise<Answer>
  /** @throws CallsError RECEIPT_INVALID if it is none */
  receipt(receipt: Json, waiting: Waiting): Promise<Answer>
}

export interface VerifyParts {
  history: Pick<History, 'head' | 'commit'>
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

  return {
    async service(name, waiting) {
      const { service, at } = await getCopy(name, waiting)
      return toJson(await replayer.again(service, at, waiting))
    },
    async receipt(json, waiting) {
      const receipt = readReceipt(json)
      const wrong = await whatIsWrong(receipt, verify)
      if (wrong !== undefined) return refuted(receipt, wrong)
      const { service, commit } = receipt
      if (await isHere(service, commit)) return toJson(await replayer.again(service, commit, waiting))
      // the proof holds: its host signed it, and nobody here has executed it
      const only = commit.toString()
      return { ok: true, commits: 1, calls: 1, trust: 'signed', from: only, to: only }
    },
  }
}

async function whatIsWrong(receipt: Receipt, verify: Verify): Promise<string | undefined> {
  try {
    await checkReceipt(receipt, verify)
    return undefined
  } catch (error) {
    if (error instanceof ProofError) return error.field
    throw error
  }
}

function refuted({ commit, seq, index }: Receipt, what: string): Answer {
  const at = commit.toString()
  const mismatch = { commit: at, seq, what, call: index, expected: 'what the receipt says', found: 'what was signed' }
  return { ok: false, commits: 1, calls: 1, trust: 'none', from: at, to: at, mismatch }
}

export function toJson({ from, to, ...found }: Verified): Answer {
  return { ...found, from: from.toString(), to: to.toString() }
}
