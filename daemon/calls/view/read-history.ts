/** A service's commits for people and programs: a page of the log, and one commit whole. */
import { CID } from 'multiformats/cid'
import type { CommitSummary, Json, Methods } from '../../api/vocabulary.ts'
import type { Commit } from '../../store/commit-types.ts'
import { MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES } from '../../store/constants.ts'
import type { Blocks } from '../../store/database-types.ts'
import { decodeDelta } from '../../store/delta-codec.ts'
import { unpackPayload } from '../../store/payload.ts'
import type { Head, History } from '../../store/types.ts'
import { LOG_PAGE, MAX_LOG_BYTES, MAX_LOG_PAGE } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { serviceOf } from '../life/lifecycle.ts'
import { mergeOrderOf } from '../life/merge-order.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { decodeArguments } from '../values.ts'
import { commitOf, notACommit } from './commit-of.ts'
import { readCalls } from './read-calls.ts'

export interface ReadHistoryParts {
  history: History
  blocks: Pick<Blocks, 'get' | 'has' | 'put'>
  replayer: Pick<LocalReplayer, 'standing'>
}

export interface LogOptions {
  /** @default LOG_PAGE */
  limit?: number | undefined
  /** the newest one wanted. @default the head */
  from?: CID | undefined
  /** only what came before this commit */
  before?: CID | undefined
  signal: AbortSignal
}

export interface ReadHistory {
  /** Newest first; fewer than asked for if they hold a lot. @throws CallsError NOT_A_COMMIT if `before` is none of this service */
  log(head: Head, options: LogOptions): Promise<Methods['log']['result']>
  /** @throws CallsError NOT_A_COMMIT, COMMIT_NOT_FOUND if it is not on this node */
  show(commit: string): Promise<Methods['show']['result']>
}

export function createReadHistory({ history, blocks, replayer }: ReadHistoryParts): ReadHistory {
  const deltaOf = async (commit: Commit): Promise<{ lines: number; pages: number } | null> => {
    const { delta } = commit
    if (delta === undefined) return null
    const most = MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES
    const read = 'lines' in delta ? delta : await decodeDelta(await unpackPayload(delta, blocks, most, commit))
    return { lines: read.lines.length, pages: read.pages }
  }

  /** An older commit of a copy may be worth more than its head. */
  const trustOf = async ({ seq }: Commit, service: CID): Promise<string> => {
    const trust = (await history.head(service))?.trust ?? 'signed'
    return trust === 'signed' && seq <= (await replayer.standing(service)).seq ? 'replayed' : trust
  }

  return {
    async log({ service, commit: head, seq, trust }, { limit = LOG_PAGE, from: newest, before, signal }) {
      const wanted = Math.min(limit, MAX_LOG_PAGE)
      const end = before && (await commitOf(history, service, before))
      const start = newest && (await commitOf(history, service, newest))
      const found: CommitSummary[] = []
      const { seq: base } = await history.base(service)
      let room = MAX_LOG_BYTES
      const first = end ? end.seq - 1 : (start?.seq ?? seq)
      const from = end ? end.parent : (start?.cid ?? head)
      const left = Math.min(wanted, first - base + 1)
      const commits = from === undefined || left <= 0 ? [] : history.log(service, { from, limit: left })
      for await (const commit of commits) {
        signal.throwIfAborted()
        const summary = await summaryOf(commit)
        room -= JSON.stringify(summary).length
        if (found.length > 0 && room < 0) break
        found.push(summary)
      }
      const last = found.at(-1)?.seq ?? first + 1
      return {
        service: service.toString(),
        trust,
        commits: found,
        more: last > base,
        pruned: base > 0 && last <= base,
      }
    },

    async show(text) {
      const commit = await commitAt(history, text)
      const service = serviceOf(commit)
      const calls = await readCalls(commit)
      return {
        ...aboutOf(commit),
        service: service.toString(),
        epoch: commit.epoch,
        host: peerIdOf(commit.host),
        engine: commit.engine.toString(),
        before: commit.before ? Buffer.from(commit.before).toString('hex') : null,
        root: Buffer.from(commit.root).toString('hex'),
        trust: await trustOf(commit, service),
        owner: commit.genesis?.owner ?? null,
        init: initOf(commit),
        delta: await deltaOf(commit),
        content: commit.content.map(String),
        calls: calls.map((call) => ({ ...call, ok: true })),
      }
    },
  }
}

async function summaryOf(commit: Commit): Promise<CommitSummary> {
  const calls = await readCalls(commit)
  return {
    ...aboutOf(commit),
    calls: calls.map(({ caller, method, args, gas }) => ({ caller, method, args, gas, ok: true })),
  }
}

/** What a lying host wrote as arguments is shown as none. */
function initOf({ kind, genesis }: Commit): Json[] | null {
  if (kind !== 'genesis' || genesis === undefined) return null
  try {
    return decodeArguments(genesis.args)
  } catch {
    return []
  }
}

/** A merge is an upgrade to the same code, with the states of two: it is shown as what it is. */
function aboutOf(commit: Commit): Omit<CommitSummary, 'calls'> {
  const { cid, seq, parent, time, contract, kind, from, forced } = commit
  const merged = mergeOrderOf(commit)
  return {
    commit: cid.toString(),
    seq,
    parent: parent?.toString() ?? null,
    time: new Date(time).toISOString(),
    kind: merged === undefined ? kind : 'merge',
    contract: contract.toString(),
    from: (merged?.theirs ?? from)?.toString() ?? null,
    forced,
  }
}

async function commitAt(history: Pick<History, 'commit'>, text: string): Promise<Commit> {
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch {
    throw notACommit(text, '')
  }
  try {
    return await history.commit(cid)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'BLOCK_MISSING') {
      const hint = 'pull the service that it belongs to: amigo pull NAME'
      throw new CallsError('COMMIT_NOT_FOUND', `The commit ${cid} is not on this node.`, hint)
    }
    if (code === 'BLOCK_INVALID' || code === 'BLOCK_TOO_LARGE') throw notACommit(text, '')
    throw error
  }
}
