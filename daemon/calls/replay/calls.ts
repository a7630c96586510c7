/** Executes the calls of one commit again, and compares what became of each. */
import { verifyEd25519 } from '../../../protocol/signed/ed25519.ts'
import type { Contract } from '../../contract/types.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Verify } from '../../store/database-types.ts'
import { CONTENT_COUNT_MAX } from '../../vm/constants.ts'
import type { CallRequest, Delta, GroupEffects, Outcome, Vm } from '../../vm/types.ts'
import { REPLAY_WATCHDOG_MS } from '../constants.ts'
import { serviceOf } from '../life/lifecycle.ts'
import { hostsBy, rememberingHosts } from '../receipt/hosts.ts'
import { openCall, type SignedCall } from '../receipt/signed-call.ts'
import { gasOf } from '../run/call-limits.ts'
import { checkCall } from '../run/check-call.ts'
import { askerOf, contextOf, replayLimits, whoOf } from '../run/context.ts'
import type { Identity } from '../types.ts'
import { compareCall, type Difference, difference, joinDeltas } from './compare.ts'
import { compareInputs, inputsOf } from './inputs.ts'
import type { ReplaySource } from './source.ts'

/** The VM could not do it here, now; it says nothing about the host. */
export class ReplayBroke extends Error {}

/** Whose calls these are to be. */
export interface Callee {
  key: string
  contract: Contract
  /** user ID of the owner of the service */
  owner: string
}

export interface ReplayCalls {
  /** The envelopes as their callers signed them; or the first that is none, is for another service, or was executed before. */
  open(commit: Commit): Promise<SignedCall[] | Difference>
  /** What all calls together changed; or where they part from what the host signed. */
  run(commit: Commit, callee: Callee): Promise<{ delta: Delta; root: Uint8Array } | Difference>
}

type Content = ReadonlyMap<string, Uint8Array>

export interface ReplayCallsParts {
  vm: Vm
  source: ReplaySource
  identity: Pick<Identity, 'network'>
  verify: Verify
}

export function createReplayCalls({ vm, source, identity, verify }: ReplayCallsParts): ReplayCalls {
  // of those who called, and of those who were called
  const readCallers = rememberingHosts(hostsBy(verifyEd25519))
  const readHosts = rememberingHosts(hostsBy(verify))

  const open: ReplayCalls['open'] = async (commit) => {
    const opened = await Promise.allSettled(
      commit.calls.map(({ envelope }) => openCall(envelope, 'call', identity, readCallers)),
    )
    const calls: SignedCall[] = []
    for (const [i, call] of opened.entries()) {
      if (call.status === 'rejected') return difference('envelope', i, 'a signed call', (call.reason as Error).message)
      const { service, id } = call.value
      if (!service.equals(serviceOf(commit))) return difference('envelope', i, serviceOf(commit), service)
      const before = source.executedBefore(id, `executed by commit ${commit.seq}, call ${i}`)
      if (before !== undefined) return difference('envelope', i, 'a call that was not executed before', before)
      calls.push(call.value)
    }
    return calls
  }

  const requestOf = (commit: Commit, i: number, call: SignedCall, { contract, owner }: Callee): CallRequest => {
    const who = whoOf(call, { owner, service: serviceOf(commit).toString() })
    const gas = gasOf(contract.manifest.limits, call, owner)
    return {
      method: call.method,
      args: call.args,
      context: contextOf(who, commit.calls[i]!.envelope, commit.parent, commit.time),
      answers: inputsOf(commit.calls[i]!).map(({ answer }) => answer),
      // it succeeded once, so its result and its change were within the limits of its host
      limits: { ...replayLimits(gas), wallMs: REPLAY_WATCHDOG_MS },
    }
  }

  /** The first calls, at least one, with what they read: all of it where it is little, else each call with what it asks for. */
  const runSome = async (key: string, requests: readonly CallRequest[], content: Content): Promise<GroupEffects> => {
    if (content.size <= CONTENT_COUNT_MAX) {
      return vm.calls(
        key,
        requests.map((request) => ({ ...request, content })),
      )
    }
    const given = new Map<string, Uint8Array>()
    for (;;) {
      const effects = await vm.calls(key, [{ ...requests[0]!, content: given }])
      const [outcome] = effects.outcomes
      const needs = outcome?.ok ? undefined : outcome?.error.needs
      const piece = needs === undefined || given.has(needs) ? undefined : content.get(needs)
      if (piece === undefined) return effects
      given.set(needs!, piece)
    }
  }

  return {
    open,
    async run(commit, callee) {
      if (commit.calls.length === 0) return difference('calls', null, 'at least one call', 'none')
      const calls = await open(commit)
      if (!Array.isArray(calls)) return calls
      const refused = firstOf(calls.map((call, i) => refusalOf(callee, call, i)))
      if (refused) return refused
      const content = await source.content(commit)
      const requests = calls.map((call, i) => requestOf(commit, i, call, callee))

      const outcomes: Outcome[] = []
      const changes: { delta: Delta; root: Uint8Array }[] = []
      // the VM takes a group in pieces, by the time it takes: the host may have had larger ones
      while (outcomes.length < requests.length) {
        const piece = await runSome(callee.key, requests.slice(outcomes.length), content)
        for (const outcome of piece.outcomes) {
          const different = compareCall(outcomes.length, commit.calls[outcomes.length]!, ended(outcome))
          if (different) return different
          const index = outcomes.length
          const asks = outcome.ok ? outcome.asks : []
          const { contract } = callee
          const { network } = identity
          const asked = { index, call: calls[index]!, record: commit.calls[index]!, contract, network, asks }
          const wrong = await compareInputs(asked, verify, { readHosts })
          if (wrong) return wrong
          outcomes.push(outcome)
        }
        changes.push(piece.change!)
      }
      const delta = joinDeltas(changes.map((change) => change.delta))
      return compareContent(commit, outcomes) ?? { delta, root: changes.at(-1)!.root }
    },
  }
}

/** Outcomes that depend on the machine, not on the contract. */
const BROKE = new Set(['WATCHDOG', 'VM_CRASHED'])

/** @throws ReplayBroke */
export function ended(outcome: Outcome): Outcome {
  if (!outcome.ok && BROKE.has(outcome.error.code)) throw new ReplayBroke(outcome.error.message)
  return outcome
}

/** What a host must not even begin to execute: a call by who may not, of what is not there, with arguments of other types. */
function refusalOf({ contract, owner }: Callee, call: SignedCall, i: number): Difference | undefined {
  try {
    checkCall({ contract, call, right: 'call', asker: askerOf(call, owner), from: 'local' })
    return undefined
  } catch (error) {
    return difference('refused', i, `${call.method} was executed`, (error as Error).message)
  }
}

/** The content that the calls used is the content that the commit names. */
export function compareContent({ content }: Commit, outcomes: readonly Outcome[]): Difference | undefined {
  const used = outcomes.flatMap((outcome) =>
    outcome.ok ? [...outcome.reads, ...outcome.writes.map(({ cid }) => cid)] : [],
  )
  const [said, found] = [content.map(String), used].map((cids) => [...new Set(cids)].sort().join(' '))
  return said === found ? undefined : difference('content', null, said || 'none', found || 'none')
}

const firstOf = <T>(all: readonly (T | undefined)[]): T | undefined => all.find((one) => one !== undefined)
