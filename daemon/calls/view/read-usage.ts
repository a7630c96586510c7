/** Who used a service, and how much: counted from the signed calls in its history, so that its author can show it to anybody. */
import type { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import { userIdOf } from '../../../protocol/signed/user-id.ts'
import type { Methods, UsageBy } from '../../api/vocabulary.ts'
import { cidFrom, DAG_CBOR, sha256 } from '../../store/block.ts'
import { isFirst } from '../../store/commit-body.ts'
import { decodeCommit } from '../../store/commit-codec.ts'
import type { CallRecord } from '../../store/commit-types.ts'
import type { Head, History } from '../../store/types.ts'
import { MAX_USAGE_ROWS } from '../constants.ts'
import { decodeInputs } from '../tree/inputs.ts'
import type { Waiting } from '../types.ts'
import { orElse } from './read-calls.ts'

export interface ReadUsageParts {
  history: Pick<History, 'log' | 'base'>
}

export type ReadUsage = (head: Head, from: CID | undefined, waiting: Waiting) => Promise<Methods['usage']['result']>

export function createReadUsage({ history }: ReadUsageParts): ReadUsage {
  return async ({ service, commit: head, seq }, at, { signal, onProgress }) => {
    const { seq: base } = await history.base(service)
    const rows = new Map<string, UsageBy>()
    let commits = 0
    let rest: UsageBy | undefined
    for await (const { calls, kind } of history.log(service, { from: at ?? head })) {
      signal.throwIfAborted()
      commits++
      onProgress?.({ doing: 'counting', done: commits, total: seq - base + 1 })
      if (kind !== 'step') continue
      for (const record of calls) {
        const one = usageOf(record)
        if (one === undefined) continue
        const key = `${one.importer ?? ''} ${one.importer === null ? one.by : ''}`
        const row = rows.get(key)
        if (row !== undefined) add(row, one)
        else if (rows.size < MAX_USAGE_ROWS) rows.set(key, one)
        else if (rest === undefined) rest = { ...one, by: '', importer: null }
        else add(rest, one)
      }
    }
    const by = [...rows.values()].sort((a, b) => b.gas - a.gas)
    const all = rest === undefined ? by : [...by, rest]
    const total = { calls: sumOf(all, 'calls'), gas: sumOf(all, 'gas') }
    return { service: service.toString(), commits, pruned: base > 0, ...total, by: all }
  }
}

/** One call, as a row of its own; undefined for what is no call that anybody signed. */
function usageOf({ envelope, gas, inputs }: CallRecord): UsageBy | undefined {
  const call = orElse(undefined, () => decodeCall(envelope))
  if (call === undefined) return undefined
  // what it had others do is counted where they did it
  const asked = orElse([], () => decodeInputs(inputs)).reduce((sum, { answer }) => sum + answer.gas, 0n)
  const own = { calls: 1, gas: Number(gas > asked ? gas - asked : 0n) }
  const { via } = call
  if (via === undefined) return { by: userIdOf(call.caller), importer: null, ...own }
  return { by: ownerOf(via.proof[0]!), importer: via.chain.at(-1)!.toString(), ...own }
}

/** User ID of the owner of a service, by its genesis; the empty string where that cannot be read. */
export function ownerOf(genesis: Uint8Array): string {
  return orElse('', () => {
    const { body } = decodeCommit(cidFrom(DAG_CBOR, sha256(genesis)), genesis)
    return isFirst(body) ? body.genesis.owner : ''
  })
}

function add(row: UsageBy, { calls, gas }: UsageBy): void {
  row.calls += calls
  row.gas += gas
}

const sumOf = (rows: readonly UsageBy[], key: 'calls' | 'gas'): number => rows.reduce((sum, row) => sum + row[key], 0)
