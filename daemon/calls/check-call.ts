/** What is checked of a call before the VM runs. */
import { checkArguments } from '../contract/arguments.ts'
import type { Contract } from '../contract/types.ts'
import { MAX_ARGUMENT_BYTES } from './constants.ts'
import { CallsError } from './errors.ts'
import { decodeArguments } from './values.ts'

/**
 * The function exists, and the arguments are of its types.
 *
 * @throws CallsError NO_SUCH_FUNCTION, ARGUMENTS_TOO_LARGE, ARGUMENTS_INVALID; ContractError BAD_ARGUMENTS
 */
export function checkCall(contract: Contract, call: { method: string; args: Uint8Array }): void {
  if (call.args.length > MAX_ARGUMENT_BYTES) {
    throw new CallsError(
      'ARGUMENTS_TOO_LARGE',
      `The arguments are over ${MAX_ARGUMENT_BYTES} bytes.`,
      'send them in parts',
    )
  }
  const found = contract.interface.find(({ name }) => name === call.method)
  if (found === undefined) {
    const names = contract.interface.map(({ name }) => name).join(', ')
    const message = `${contract.manifest.name} exports no function "${call.method.slice(0, 64)}".`
    throw new CallsError('NO_SUCH_FUNCTION', message, names === '' ? 'it exports none' : `it exports: ${names}`)
  }
  checkArguments(found, decodeArguments(call.args))
}
