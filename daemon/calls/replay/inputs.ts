/** What a commit says that others answered: whether these are answers to what its calls ask, and whether their hosts signed them. */
import type { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Call } from '../../../protocol/types.ts'
import type { Network } from '../../../registry/network/types.ts'
import { networkOfImport } from '../../contract/networks.ts'
import type { Contract } from '../../contract/types.ts'
import { sameBytes } from '../../store/block.ts'
import type { CallRecord } from '../../store/commit-types.ts'
import type { Verify } from '../../store/database-types.ts'
import type { Ask } from '../../vm/types.ts'
import { ProofError } from '../receipt/proof-error.ts'
import { checkProof, type ProofOptions } from '../receipt/receipt-proof.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { nonceOf } from '../tree/ask-envelope.ts'
import { decodeInputs, type Input } from '../tree/inputs.ts'
import { checkedResult } from '../tree/route.ts'
import { type Difference, difference } from './compare.ts'

/** A call that was executed again, with what its commit has of it. */
export interface Asked {
  index: number
  call: SignedCall
  record: CallRecord
  contract: Pick<Contract, 'imports' | 'manifest'>
  /** on which its service is */
  network: Pick<Network, 'id'>
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
export async function compareInputs(
  asked: Asked,
  verify: Verify,
  options: Pick<ProofOptions, 'readHosts'> = {},
): Promise<Difference | undefined> {
  const { index, record, asks } = asked
  const inputs = inputsOf(record)
  if (record.inputs !== undefined && inputs.length === 0)
    return difference('inputs', index, 'answers of other services', 'something malformed')
  if (inputs.length !== asks.length) return difference('inputs', index, `${asks.length} answers`, inputs.length)
  for (const [place, input] of inputs.entries()) {
    const found = await compareInput(asked, place, input, verify, options)
    if (found !== undefined) return found
  }
  return undefined
}

async function compareInput(
  { index, call, contract, network, asks }: Asked,
  place: number,
  { service, answer, receipt, at }: Input,
  verify: Verify,
  options: ProofOptions,
): Promise<Difference | undefined> {
  const ask = asks[place]!
  const differs = (expected: unknown, found: unknown) => difference(`input ${place}`, index, expected, found)
  const pinned = contract.imports.find(({ name }) => name === ask.import)
  if (pinned?.mode === 'live' && service && !pinned.service.equals(service)) return differs(pinned.service, service)
  // nobody takes more than he was given; what failed may have used some of it
  if (answer.gas > ask.gas) return differs(`${ask.gas} units of gas at most`, answer.gas)
  if (!answer.ok) return receipt || at ? differs('no proof of a failure', 'one') : undefined
  if (service === undefined || pinned === undefined || pinned.mode === 'code') return differs('an import', ask.import)
  const fn = pinned.functions.find(({ name }) => name === ask.method)
  if (fn === undefined) return differs('a function of the import', ask.method)
  if (!isAsPinned({ name: pinned.name, fn }, answer.result)) return differs('a result as it was pinned', 'another')
  if (fn.kind === 'query') return receipt ? differs('no proof of a question', 'one') : undefined
  if (receipt === undefined || at !== undefined) return differs(`what ${service} signed`, 'nothing')
  try {
    const of = networkOfImport(pinned.name, contract.manifest)?.network ?? network
    if (!isAskOf(call, { index: place, service, network: of, ...ask }, decodeCall(receipt.envelope)))
      return differs(ask.method, 'another call')
    await checkProof({ ...receipt, service, result: answer.result, gas: answer.gas }, verify, options)
    return undefined
  } catch (error) {
    if (!(error instanceof ProofError)) return differs(`what ${service} signed`, (error as Error).message)
    return differs(`what ${service} signed`, `another ${error.field}`)
  }
}

/** An ask, and where it leads. */
interface Due extends Pick<Ask, 'method' | 'args'> {
  index: number
  service: CID
  network: Pick<Network, 'id'>
}

/** Whether an envelope is the one that the host of a call had to sign for this ask. */
function isAskOf(
  { id, service: asker, origin, chain, tree }: SignedCall,
  { index, service, network, method, args }: Due,
  found: Call,
): boolean {
  const nonce = nonceOf({ call: { id }, index, service, method, args })
  return (
    found.via !== undefined &&
    found.network === network.id &&
    sameBytes(found.nonce, nonce) &&
    found.method === method &&
    sameBytes(found.args, args) &&
    found.via.origin === origin &&
    Buffer.from(found.via.tree).toString('hex') === tree &&
    found.via.chain.join(' ') === [...chain, asker].join(' ')
  )
}

function isAsPinned(of: Parameters<typeof checkedResult>[0], result: Uint8Array): boolean {
  try {
    checkedResult(of, result)
    return true
  } catch {
    return false
  }
}
