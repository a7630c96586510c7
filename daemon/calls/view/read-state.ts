import type { CID } from 'multiformats/cid'
import type { Json } from '../../api/vocabulary.ts'
import type { PassingBlocks } from '../../node/passing-blocks.ts'
import type { History } from '../../store/types.ts'
import type { CallContext, CallFailureCode, CallRequest, Outcome, Vm } from '../../vm/types.ts'
import { MAX_PAST, MAX_PAST_PER_SOURCE, MAX_PAST_QUEUE, MAX_STATE_BYTES, STATE_GAS, WATCHDOG_MS } from '../constants.ts'
import { CallsError, callFailed } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import { checkAccess, isSealed } from '../run/check-access.ts'
import type { ContentNeeded, ContentSource, Needed } from '../run/content.ts'
import { contextOf } from '../run/context.ts'
import { createFairQueue } from '../run/fair-queue.ts'
import { type Instance, type Instances, notHere } from '../run/instances.ts'
import { openedFor } from '../run/opened-for.ts'
import { busy } from '../run/slots.ts'
import type { Asking } from '../types.ts'
import { decodeValue } from '../values.ts'
import { commitOf } from './commit-of.ts'
import { stateBlocks } from './state-dag.ts'
import { pointerOf } from './state-node.ts'

export interface StateQuestion {
  service: CID
  /** a commit of the service. @default its head */
  at?: CID | undefined
  /** keys from the whole to a part; `[]` is the whole */
  path: readonly string[]
  /** user ID; the empty string for who did not sign */
  user: string
}

export interface StateFound {
  state: Json
  commit: CID
  seq: number
  trust: string
}

export interface ReadState {
  /** @throws CallsError NO_SUCH_STATE, NOT_A_COMMIT, ACCESS_DENIED, SERVICE_NOT_FOUND, and what the contract's own `state()` throws */
  read(question: StateQuestion, asking: Asking): Promise<StateFound>
  /**
   * The CID of a state as dag-cbor. Its blocks are given to whoever asks for them, for a while, unless the history of the service is for
   * some only; they are not kept: the state says them again.
   */
  offer(service: CID, state: Json): Promise<CID>
}

export interface ReadStateParts {
  vm: Vm
  history: History
  contracts: Contracts
  instances: Instances
  content: ContentSource
  passing: Pick<PassingBlocks, 'put'>
}

/** Reads logical states: that of the head in the open service, an older one in a memory that is opened for it and closed again. */
export function createReadState(parts: ReadStateParts): ReadState {
  const { vm, history, contracts, instances, content, passing } = parts
  // each of them opens a memory of its own
  const past = createFairQueue({
    concurrency: MAX_PAST,
    perSource: MAX_PAST_PER_SOURCE,
    total: MAX_PAST_QUEUE,
    refuse: busy,
  })

  const requestOf = async (path: readonly string[], context: CallContext, needed: Needed): Promise<CallRequest> => ({
    method: 'state',
    args: Buffer.from(JSON.stringify(path)),
    context,
    limits: { gas: STATE_GAS, wallMs: WATCHDOG_MS, resultBytes: MAX_STATE_BYTES },
    content: await content.read(needed),
  })

  /** The same at every time and for everybody: what a `state()` may look at besides its variables is that of the commit. */
  const contextAt = (owner: string, service: CID, commit: CID, time: number): CallContext =>
    contextOf({ caller: owner, owner, service: service.toString() }, new Uint8Array(0), commit, time)

  const atHead = ({ service, path, user }: StateQuestion, needed: Needed, asking: Asking) => {
    const task = async ({ key, head, contract, owner, time }: Instance): Promise<StateFound | ContentNeeded> => {
      checkAccess(contract, { owner, user }, 'history')
      const request = await requestOf(path, contextAt(owner, service, head.commit, time), needed)
      const { commit, seq, trust } = head
      return found(await vm.state(key, request, asking), path, { commit, seq, trust }, asking)
    }
    return instances.ask(service, task, asking)
  }

  const atCommit = async ({ service, path, user }: StateQuestion, at: CID, needed: Needed, asking: Asking) => {
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    const { genesis } = await history.commit(service)
    const owner = genesis?.owner ?? ''
    checkAccess(await contracts.of(head), { owner, user }, 'history')
    const commit = await commitOf(history, service, at)
    const request = await requestOf(path, contextAt(owner, service, at, commit.time), needed)
    const origin = await history.image(service, at)
    asking.signal.throwIfAborted()
    const outcome = await openedFor(vm, `state/${at}`, origin, (key) => vm.state(key, request, asking))
    return found(outcome, path, { commit: at, seq: commit.seq, trust: head.trust }, asking)
  }

  return {
    read(question, asking) {
      const { at } = question
      const attempt = (needed: Needed): Promise<StateFound | ContentNeeded> =>
        at === undefined
          ? atHead(question, needed, asking)
          : past.run(() => atCommit(question, at, needed, asking), asking)
      return content.supply(attempt, asking)
    },
    async offer(service, state) {
      const { cid, blocks } = stateBlocks(state)
      const head = await history.head(service)
      const isPublic = head !== undefined && !isSealed(await contracts.of(head))
      if (isPublic) passing.put(blocks)
      return cid
    },
  }
}

function found(
  outcome: Outcome,
  path: readonly string[],
  at: Omit<StateFound, 'state'>,
  { signal }: Asking,
): StateFound | ContentNeeded {
  if (outcome.ok)
    return { state: decodeValue(outcome.result, 'state', (json): json is Json => json !== undefined), ...at }
  if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
  const { code } = outcome.error
  if (code === 'CANCELLED') signal.throwIfAborted()
  if (code === 'NO_SUCH_STATE') throw nothingAt(path)
  if (TOO_MUCH.has(code)) throw tooMuch(code, path)
  throw callFailed(outcome.error)
}

/** How the machine says that a state is too large to be written down at once. */
const TOO_MUCH: ReadonlySet<CallFailureCode> = new Set(['RESULT_TOO_LARGE', 'OUT_OF_MEMORY', 'OUT_OF_GAS'])

function tooMuch(code: CallFailureCode, path: readonly string[]): CallsError {
  const what = path.length === 0 ? 'The state' : `The state at ${pointerOf(path).slice(0, 300)}`
  const hint = 'ask for a part of it by its path: amigo state NAME /PATH'
  return new CallsError(code, `${what} is too large to be shown at once.`, hint)
}

function nothingAt(path: readonly string[]): CallsError {
  const [first = ''] = path
  const isPointer = path.length === 1 && first.includes('/')
  const hint = isPointer
    ? `a path of several steps begins with a slash: /${first}`
    : 'amigo state NAME shows it as a whole'
  return new CallsError('NO_SUCH_STATE', `The state holds nothing at ${pointerOf(path).slice(0, 300)}.`, hint)
}
