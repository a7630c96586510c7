import { ARGS_BYTES_MAX, GAS_MAX, SEED_BYTES, TIME_MAX } from './constants.ts'
import { VmError } from './errors.ts'
import type { CallRequest } from './types.ts'

/** What goes to a worker, checked, and with nothing behind its bytes: a view would take its whole buffer along. */
export function checked(request: CallRequest): CallRequest {
  const { method, context, limits } = request
  checkLength('arguments', request.args, ARGS_BYTES_MAX)
  const good =
    context.seed.length === SEED_BYTES &&
    Number.isInteger(context.time) &&
    context.time >= 0 &&
    context.time <= TIME_MAX &&
    limits.gas >= 0n &&
    limits.gas <= GAS_MAX &&
    limits.wallMs > 0 &&
    limits.resultBytes >= 0
  if (!good)
    throw new VmError('BAD_REQUEST', 'A call has limits or a context that make no sense.', 'Correct the caller.')
  return { method, args: own(request.args), context: { ...context, seed: own(context.seed) }, limits: { ...limits } }
}

export function checkLength(what: string, { length }: Uint8Array, max: number): void {
  if (length <= max) return
  throw new VmError('TOO_LARGE', `The ${what} have ${length} bytes, ${max} are allowed.`, 'Send less at once.')
}

/** The bytes in a buffer of their own. */
export function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
