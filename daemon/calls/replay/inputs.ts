/** What a commit says that others answered: whether these are answers to what its calls ask, and whether their hosts signed them. */
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Contract } from '../../contract/types.ts'
import { sameBytes } from '../../store/block.ts'
import type { CallRecord } from '../../store/commit-types.ts'
import type { Verify } from '../../store/database-types.ts'
import type { Ask } from '../../vm/types.ts'
import { checkProof, ProofError } from '../receipt/receipt-proof.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { nonceOf } from '../tree/ask-envelope.ts'
import { decodeInputs, type Input } from '../tree/inputs.ts'
import { type Difference, difference } from './compare.ts'

/** A call that was executed again, with what its commit has of it. */
export interface Asked {
  index: number
  call: SignedCall
  record: CallRecord
  contract: Pick<Contract, 'imports'>
  /** what it asked this time */
  asks: readonly Ask[]
}

/** The answers that a record holds; none where they are malformed, which the comparison tells. */
export function inputsOf({ inputs }: CallRecord): Input[] {
  try {
    return decodeInputs(inputs)
  } catch {
    return []
  }
}

/** Of an answer without a receipt, a question's or a failure, the host's signature on its commit is all there is. */
export async function compareInputs(asked: Asked, verify: Verify): Promise<Difference | undefined> {
  const { index, record, asks } = asked
  const inputs = inputsOf(record)
  if (record.inputs !== undefined && inputs.length === 0)
    return difference('inputs', index, 'answers of other services', 'something malformed')
  if (inputs.length !== asks.length) return difference('inputs', index, `${asks.length} answers`, inputs.length)
  for (const [place, input] of inputs.entries()) {
    const found = await compareInput(asked, place, input, verify)
    if (found !== undefined) return found
  }
  return undefined
}

async function compareInput(
  { index, call, contract, asks }: Asked,
  place: number,
  { service, answer, receipt }: Input,
  verify: Verify,
): Promise<Difference | undefined> {
  if (!answer.ok) return undefined
  const ask = asks[place]!
  const differs = (expected: unknown, found: unknown) => difference(`input ${place}`, index, expected, found)
  const pinned = contract.imports.find(({ name }) => name === ask.import)
  if (service === undefined || pinned === undefined || pinned.mode === 'code') return differs('an import', ask.import)
  if (pinned.mode === 'live' && !pinned.service.equals(service)) return differs(pinned.service, service)
  const kind = pinned.functions.find(({ name }) => name === ask.method)?.kind
  if (kind === 'query') return undefined
  if (receipt === undefined) return differs(`what ${service} signed`, 'nothing')
  const wanted = nonceOf({ call, index: place, service, method: ask.method, args: ask.args })
  try {
    const { nonce, via } = decodeCall(receipt.envelope)
    if (!sameBytes(nonce, wanted) || !via?.chain.at(-1)?.equals(call.service))
      return differs(ask.method, 'another call')
    await checkProof({ ...receipt, service, result: answer.result, gas: answer.gas }, verify)
    return undefined
  } catch (error) {
    if (!(error instanceof ProofError)) return differs(`what ${service} signed`, (error as Error).message)
    return differs(`what ${service} signed`, `another ${error.field}`)
  }
}
