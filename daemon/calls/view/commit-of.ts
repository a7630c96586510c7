/** The commits that people and programs name. */
import type { CID } from 'multiformats/cid'
import type { Commit } from '../../store/commit-types.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'

/** A commit of this service. @throws CallsError NOT_A_COMMIT, PRUNED; StoreError BLOCK_DAMAGED */
export async function commitOf(history: Pick<History, 'commit' | 'base'>, service: CID, at: CID): Promise<Commit> {
  const found = await history.commit(at).catch((error: { code?: string }) => error)
  if ('cid' in found && (found.service ?? at).equals(service)) return found
  // what the disk changed is a commit all the same
  if ('code' in found && found.code === 'BLOCK_DAMAGED') throw found
  const { seq } = await history.base(service)
  if (seq > 0 && 'code' in found && found.code === 'BLOCK_MISSING') throw pruned(service, at, seq)
  throw notACommit(at.toString())
}

/** The same, of which the state is here, too: the first commit stays when those after it are pruned. */
export async function openable(history: Pick<History, 'commit' | 'base'>, service: CID, at: CID): Promise<Commit> {
  const found = await commitOf(history, service, at)
  const { seq } = await history.base(service)
  if (found.seq < seq) throw pruned(service, at, seq)
  return found
}

/** NOT_A_COMMIT, about a text that should have named a commit. @param of completes the sentence: of what it is no commit */
export function notACommit(text: string, of = ' of this service'): CallsError {
  const hint = 'amigo log NAME lists its commits'
  return new CallsError('NOT_A_COMMIT', `${text.slice(0, 80)} is not the CID of a commit${of}.`, hint)
}

function pruned(service: CID, at: CID, seq: number): CallsError {
  const message = `The history of ${service} begins with commit ${seq} on this node, and ${at} does not stand in what is here.`
  return new CallsError('PRUNED', message, 'if it is an older one, ask a node that keeps the whole history')
}
