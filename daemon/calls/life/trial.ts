/** Whether a service would work with new code, asked of a copy before anything is changed. */
import type { Contract } from '../../contract/types.ts'
import type { CallContext, Vm } from '../../vm/types.ts'
import { CallsError } from '../errors.ts'
import { decodeResult, encodeArguments } from '../values.ts'
import { lifecycleLimits } from './lifecycle.ts'

export interface Trial {
  /** of the copy, which is open */
  key: string
  contract: Contract
  context: CallContext
  signal: AbortSignal
}

/** Queries that an upgrade asks if the contract has them, and what they must answer. */
const QUESTIONS = [
  { name: 'health', args: [], isWell: (answer: unknown) => answer !== false, is: 'false: the service is not well' },
  { name: 'render', args: ['/'], isWell: (answer: unknown) => typeof answer === 'string', is: 'no text' },
] as const

/** @throws CallsError UPGRADE_FAILED_TRIAL */
export async function checkTrial(vm: Vm, { key, contract, context, signal }: Trial): Promise<void> {
  for (const { name, args, isWell, is } of QUESTIONS) {
    const found = contract.interface.find((one) => one.name === name && one.kind === 'query')
    if (found === undefined) continue
    const given = encodeArguments(args.slice(0, found.params.length))
    const outcome = await vm.query(key, { method: name, args: given, context, limits: lifecycleLimits() }, { signal })
    if (!outcome.ok && outcome.error.code === 'CANCELLED') signal.throwIfAborted()
    if (!outcome.ok) throw failedTrial(contract, `${name}() failed`, outcome.error)
    if (!isWell(decodeResult(outcome.result))) throw failedTrial(contract, `${name}() answered ${is}`)
  }
}

const TOO_LARGE =
  'nothing was changed, and the service runs on: a state that goes over has 32 MiB of text at most, takes 20,000,000,000 units of gas at most to write and to read, and needs room in the memory of the old code and of the new, 64 MiB each; remove with a call what is not needed, and try with --dry-run'

const MEND = 'nothing was changed: mend the new contract, and try it with --dry-run'
const MERGE_HINT =
  'nothing was changed: merge(base, mine, theirs) of the fork has 20,000,000,000 units of gas at most, and returns a whole state; correct it with amigo upgrade, and merge again'

/** What to try, by what went wrong; anything else is for the new contract to mend. */
const HINTS: { readonly [code: string]: string } = {
  MIGRATION_NEEDED:
    'export migrate(old) from the new contract: it gets the old state and builds the new one; nothing was changed',
  TOO_LARGE,
  RESULT_TOO_LARGE: TOO_LARGE,
  OUT_OF_MEMORY: TOO_LARGE,
  OUT_OF_GAS: TOO_LARGE,
}

/**
 * UPGRADE_FAILED_TRIAL.
 *
 * @param what completes "was tried on a copy, and"
 * @param why how the contract itself failed, if it did
 * @param hint @default what helps a new contract
 */
export function failedTrial(
  { manifest }: Contract,
  what: string,
  why?: { code: string; message: string },
  hint: string = HINTS[why?.code ?? ''] ?? MEND,
): CallsError {
  const detail = why === undefined ? '' : `: ${why.code}, ${why.message}`
  const message = `${manifest.name} ${manifest.version} was tried on a copy, and ${what}${detail}.`
  return new CallsError('UPGRADE_FAILED_TRIAL', message.replace(/\.\.$/, '.'), hint)
}

/** Why `merge` of a contract made nothing of three states: it has none, it says that they do not go together, or it failed. */
export function notMerged(contract: Contract, { code, message }: { code: string; message: string }): CallsError {
  const { manifest } = contract
  if (code === 'NO_SUCH_FUNCTION') {
    const hint =
      'export function merge(base, mine, theirs) from the contract: it gets three states and returns the merged one'
    return new CallsError('MERGE_UNSUPPORTED', `${manifest.name} does not say how its states are merged.`, hint)
  }
  if (code === 'CONTRACT_THREW') {
    const hint = 'nothing was changed: change in the fork what it says with a call, and merge again'
    return new CallsError('MERGE_CONFLICT', `merge of ${manifest.name} says: ${message}`, hint)
  }
  return failedTrial(contract, 'its merge failed', { code, message }, MERGE_HINT)
}
