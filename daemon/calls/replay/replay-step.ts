/** One commit, executed again on the memory of the one before it. */
import type { CID } from 'multiformats/cid'
import { MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES } from '../../store/constants.ts'
import { decodeDelta } from '../../store/delta-codec.ts'
import { unpackPayload } from '../../store/payload.ts'
import type { Commit } from '../../store/types.ts'
import { LINE } from '../../vm/constants.ts'
import type { CallRequest, Delta, Outcome } from '../../vm/types.ts'
import { contextOf, replayLimits } from '../context.ts'
import { openCall } from '../signed-call.ts'
import { type Compare, createCompare } from './mismatch.ts'
import type { ReplayParts } from './types.ts'

export interface Step {
  /** of the instance that holds the memory after `last` */
  key: string
  service: CID
  /** user ID */
  owner: string
  last: Commit
  commit: Commit
  signal: AbortSignal
}

/** @throws ReplayMismatch */
export async function replayStep(parts: ReplayParts, step: Step): Promise<void> {
  const { last, commit } = step
  const compare = createCompare(commit)
  compare.same('engine', commit.engine.toString(), parts.vm.engine)
  compare.same('contract', commit.contract.toString(), last.contract.toString())
  compare.bytes('before', commit.before!, last.root)
  if (commit.time < last.time) compare.same('time', `${last.time} or later`, commit.time)
  const requests = await requestsOf(parts, step, compare)
  const changes = createChanges()
  for (let first = 0; first < requests.length; ) {
    step.signal.throwIfAborted()
    const { outcomes, change } = await parts.vm.calls(step.key, requests.slice(first))
    for (const [i, outcome] of outcomes.entries()) compareOutcome(compare, commit, first + i, outcome)
    if (change) changes.add(change)
    first += outcomes.length
  }
  await compareChange(parts, compare, commit, changes)
}

async function requestsOf(
  { identity }: ReplayParts,
  { service, owner, last, commit }: Step,
  compare: Compare,
): Promise<CallRequest[]> {
  return Promise.all(
    commit.calls.map(async ({ envelope }, i) => {
      const call = await openCall(envelope, 'call', identity).catch((error: { code?: string }) => {
        compare.same('envelope', "its caller's signature", error.code ?? 'none', i)
        throw error
      })
      compare.same('envelope', service.toString(), call.service.toString(), i)
      const who = { caller: call.caller, owner, service: service.toString() }
      const context = contextOf(who, envelope, last.cid, commit.time)
      return { method: call.method, args: call.args, context, limits: replayLimits(call.gas) }
    }),
  )
}

function compareOutcome(compare: Compare, { calls }: Commit, i: number, outcome: Outcome): void {
  const { result, gas } = calls[i]!
  if (!outcome.ok) compare.same('failed', 'a result', outcome.error.code, i)
  else {
    compare.bytes('result', result, outcome.result, i)
    compare.same('gas', gas, outcome.gas, i)
  }
}

interface Changes {
  add(change: { delta: Delta; root: Uint8Array }): void
  readonly last: { delta: Delta; root: Uint8Array } | undefined
  /** the lines of all together, each with its last content */
  readonly lines: ReadonlyMap<number, Uint8Array>
}

/** A group of the host may take several here. */
function createChanges(): Changes {
  const lines = new Map<number, Uint8Array>()
  let last: { delta: Delta; root: Uint8Array } | undefined
  return {
    add(change) {
      last = change
      change.delta.lines.forEach((line, i) => {
        lines.set(line, change.delta.bytes.subarray(i * LINE, (i + 1) * LINE))
      })
    },
    get last() {
      return last
    },
    lines,
  }
}

/** The root says that the memory is the same; the delta is compared first, because it says where it is not. */
async function compareChange({ database }: ReplayParts, compare: Compare, commit: Commit, changes: Changes) {
  const { delta: field } = commit
  const delta =
    field === undefined || 'lines' in field
      ? field
      : await decodeDelta(await unpackPayload(field, database.blocks, MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES))
  const expected = [...(delta?.lines ?? [])]
  const found = [...changes.lines.keys()].sort((a, b) => a - b)
  compare.same('delta', `lines ${expected.join(' ')}`.slice(0, 200), `lines ${found.join(' ')}`.slice(0, 200))
  for (const [i, line] of expected.entries())
    compare.bytes('delta', delta!.bytes.subarray(i * LINE, (i + 1) * LINE), changes.lines.get(line)!)
  if (changes.last === undefined) return
  compare.same('delta', `${delta!.pages} pages`, `${changes.last.delta.pages} pages`)
  compare.same('delta', `registers ${delta!.globals}`, `registers ${changes.last.delta.globals}`)
  compare.bytes('root', commit.root, changes.last.root)
}
