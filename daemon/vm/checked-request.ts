import {
  ANSWER_BYTES_MAX,
  ARGS_BYTES_MAX,
  ASKS_MAX,
  CHAIN_MAX,
  GAS_MAX,
  GUEST_HEAP_BYTES,
  HEAP_BYTES_MIN,
  MIGRATION_BYTES_MAX,
  SEED_BYTES,
  TIME_MAX,
} from './constants.ts'
import { VmError } from './errors.ts'
import type { CallRequest, GenesisOptions, ImportAnswer } from './types.ts'

/** What goes to a worker, checked, and with nothing behind its bytes: a view would take its whole buffer along. */
export function checked(request: CallRequest): CallRequest {
  return within(request, 'arguments', ARGS_BYTES_MAX)
}

const TAKES_STATES: ReadonlySet<string> = new Set(['migrate', 'merge'])

/** The same of a genesis: a state that is taken over may be longer than arguments. */
export function checkedGenesis(request: CallRequest): CallRequest {
  return TAKES_STATES.has(request.method)
    ? within(request, 'bytes of the state', MIGRATION_BYTES_MAX)
    : checked(request)
}

function within(request: CallRequest, what: string, argsMax: number): CallRequest {
  checkRequest(request, what, argsMax)
  const { method, context, limits } = request
  return {
    method,
    args: own(request.args),
    context: { ...context, chain: [...context.chain], seed: own(context.seed) },
    limits: { ...limits },
    ...(request.content && { content: new Map([...request.content].map(([cid, bytes]) => [cid, own(bytes)])) }),
    ...(request.answers && { answers: request.answers.map(ownAnswer) }),
  }
}

const ownAnswer = (answer: ImportAnswer): ImportAnswer =>
  answer.ok ? { ...answer, result: own(answer.result) } : { ...answer }

/** @throws VmError TOO_LARGE, BAD_REQUEST */
export function checkRequest(request: CallRequest, what: string = 'arguments', argsMax: number = ARGS_BYTES_MAX): void {
  const { context, limits, answers = [] } = request
  checkLength(what, request.args, argsMax)
  for (const answer of answers) if (answer.ok) checkLength('bytes of an answer', answer.result, ANSWER_BYTES_MAX)
  const good =
    context.seed.length === SEED_BYTES &&
    Number.isInteger(context.time) &&
    context.time >= 0 &&
    context.time <= TIME_MAX &&
    context.chain.length <= CHAIN_MAX &&
    answers.length <= ASKS_MAX &&
    answers.every(({ gas }) => gas >= 0n && gas <= GAS_MAX) &&
    limits.gas >= 0n &&
    limits.gas <= GAS_MAX &&
    limits.wallMs > 0 &&
    limits.resultBytes >= 0 &&
    (limits.deltaBytes ?? 0) >= 0
  if (!good)
    throw new VmError('BAD_REQUEST', 'A call has limits or a context that make no sense.', 'Correct the caller.')
}

/** @throws VmError BAD_REQUEST */
export function checkHeap({ heapBytes = GUEST_HEAP_BYTES }: GenesisOptions): void {
  if (Number.isInteger(heapBytes) && heapBytes >= HEAP_BYTES_MIN && heapBytes <= GUEST_HEAP_BYTES) return
  throw new VmError(
    'BAD_REQUEST',
    `A service can have ${HEAP_BYTES_MIN} to ${GUEST_HEAP_BYTES} bytes of memory.`,
    'Ask for another size.',
  )
}

/**
 * @param what in the plural, for the message
 * @param max in bytes
 * @throws VmError TOO_LARGE
 */
export function checkLength(what: string, { length }: Uint8Array, max: number): void {
  if (length <= max) return
  throw new VmError('TOO_LARGE', `The ${what} have ${length} bytes, ${max} are allowed.`, 'Send less at once.')
}

/** The bytes in a buffer of their own. */
export function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
