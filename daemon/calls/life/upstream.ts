/** Where a service comes from: what it was forked of, and what of that it has taken in since. */
import type { CID } from 'multiformats/cid'
import type { Commit } from '../../store/commit-types.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import { serviceOf } from './lifecycle.ts'
import { mergeOrderOf } from './merge-order.ts'

export interface Upstream {
  service: CID
  /** its newest commit of which the state of the fork knows: that of the last merge, else the one that was forked */
  base: CID
}

/** The commit that a service was forked of; undefined of one that was made of a contract, and of one that is not here. */
export async function originOf(history: Pick<History, 'commit'>, service: CID): Promise<CID | undefined> {
  const first = await history.commit(service).catch(() => undefined)
  return first?.kind === 'fork' ? first.from : undefined
}

/**
 * Walks back from a commit the way its state came, over rollbacks to where they went, to the last merge or the first commit.
 *
 * @throws CallsError NOT_A_FORK, PRUNED, COMMIT_NOT_FOUND
 */
export async function upstreamOf(
  history: Pick<History, 'commit' | 'base'>,
  { service, commit: head }: { service: CID; commit: CID },
  { signal }: { signal: AbortSignal },
): Promise<Upstream> {
  for (let at: CID | undefined = head; at !== undefined; ) {
    signal.throwIfAborted()
    const commit: Commit = await read(history, service, at)
    const merged = mergeOrderOf(commit)
    if (merged !== undefined) return { service: merged.upstream, base: merged.theirs }
    if (commit.kind === 'fork') return { service: await serviceAt(history, commit.from!), base: commit.from! }
    at = commit.kind === 'rollback' ? commit.from : commit.parent
  }
  const message = `The service ${service} was made of a contract, and not of another service.`
  throw new CallsError(
    'NOT_A_FORK',
    message,
    'amigo fork NAME makes a fork of a service; amigo upgrade gives it other code',
  )
}

async function read(history: Pick<History, 'commit' | 'base'>, service: CID, at: CID): Promise<Commit> {
  try {
    return await history.commit(at)
  } catch (error) {
    const { seq } = await history.base(service)
    if ((error as { code?: string }).code !== 'BLOCK_MISSING' || seq === 0) throw error
    const message = `What came before commit ${seq} of ${service} was pruned: nobody here knows what it has taken in from where it comes.`
    throw new CallsError(
      'PRUNED',
      message,
      'merge before the next pruning; of this fork make another one: amigo fork NAME',
    )
  }
}

async function serviceAt(history: Pick<History, 'commit'>, from: CID): Promise<CID> {
  try {
    return serviceOf(await history.commit(from))
  } catch (error) {
    if ((error as { code?: string }).code !== 'BLOCK_MISSING') throw error
    const message = `The commit ${from}, of which it was forked, is not on this node.`
    throw new CallsError('COMMIT_NOT_FOUND', message, 'pull the service that it was forked of: amigo pull NAME')
  }
}
