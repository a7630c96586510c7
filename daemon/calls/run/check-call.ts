/** What is checked of a call before the VM runs. */
import { checkArguments } from '../../contract/arguments.ts'
import type { Contract } from '../../contract/types.ts'
import { CallsError } from '../errors.ts'
import { argumentsTooLarge, decodeArguments } from '../values.ts'
import { limitsFor } from './call-limits.ts'
import { type Asker, checkAccess } from './check-access.ts'

export interface Checked {
  contract: Pick<Contract, 'manifest' | 'interface'>
  call: { method: string; args: Uint8Array }
  right: 'call' | 'query'
  asker: Asker
  /** whose turn it takes, see Asking */
  from: string
}

/**
 * Whoever asks may, the function exists, and the arguments are of its types.
 *
 * @throws CallsError ACCESS_DENIED, NO_SUCH_FUNCTION, ARGUMENTS_TOO_LARGE, ARGUMENTS_INVALID; ContractError BAD_ARGUMENTS
 */
export function checkCall({ contract, call, right, asker, from }: Checked): void {
  const { method, args } = call
  const found = contract.interface.find(({ name }) => name === method)
  // for a function that is not there, what the service says counts: who may do nothing is not told what there is
  checkAccess(contract, asker, right, method)
  if (found === undefined) {
    const names = contract.interface.map(({ name }) => name).join(', ')
    const message = `${contract.manifest.name} exports no function "${method.slice(0, 64)}".`
    throw new CallsError('NO_SUCH_FUNCTION', message, names === '' ? 'it exports none' : `it exports: ${names}`)
  }
  const limits = limitsFor(contract.manifest.limits, from)
  if (args.length > limits.args) throw argumentsTooLarge(args.length, limits.args)
  checkArguments(found, decodeArguments(args))
}
