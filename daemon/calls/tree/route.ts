/** Where an ask leads: which function of which service, and on which node that stands. What a contract asks is as hostile as what a peer asks. */
import type { CID } from 'multiformats/cid'
import { MAX_CHAIN } from '../../../protocol/constants.ts'
import { raceSignal } from '../../../registry/deadline.ts'
import type { Invite, Network } from '../../../registry/network/types.ts'
import { checkArguments } from '../../contract/arguments.ts'
import { checkResult } from '../../contract/check-value.ts'
import type { Contract, ContractImport, ExportedFunction, Manifest } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Ask } from '../../vm/types.ts'
import { MAX_ASK_RESULT_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { ResolveService, ServiceTarget } from '../names/resolve.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { decodeArguments, decodeResult } from '../values.ts'
import { type Abroad, placeOf } from './abroad.ts'
import { broke, cycle, tooDeep, tooMuch } from './failed-ask.ts'
import type { ForkPin } from './fork-rows.ts'

export interface Route {
  name: string
  service: CID
  fn: ExportedFunction
  /** peer ID; undefined: this node */
  host: string | undefined
  /** the network on which its host is, if that is not this node's */
  abroad?: Invite
}

export interface RouteParts {
  identity: { network: Pick<Network, 'id'> }
  history: Pick<History, 'head'>
  /** @throws CallsError, and all that a name can be refused with */
  resolveService: ResolveService
  forkOf: ForkOf
  abroad: Abroad
}

/** The name is known, and nothing in the range runs under it. */
export const NO_VERSION: ReadonlySet<string> = new Set(['VERSION_NOT_RUNNING', 'VERSION_NOT_FOUND'])

/** Where an import leads that is a fork: each service has one of its own. @throws CallsError SERVICE_NOT_FOUND */
export type ForkOf = (service: CID, pin: ForkPin) => Promise<CID>

/** @throws CallsError NO_SUCH_FUNCTION, IMPORT_BROKE, CALL_CYCLE; ContractError BAD_ARGUMENTS */
export type FindRoute = (
  contract: Pick<Contract, 'imports' | 'manifest'>,
  call: Pick<SignedCall, 'service' | 'chain'>,
  ask: Ask,
  options: { signal: AbortSignal },
) => Promise<Route>

export function createFindRoute(parts: RouteParts): FindRoute {
  const { identity, history, resolveService, forkOf, abroad } = parts
  const isHosted = async (service: CID): Promise<boolean> => (await history.head(service))?.hosted ?? false

  const placed = async (
    found: ContractImport,
    service: CID,
    { manifest, asker, signal }: { manifest: Manifest; asker: CID; signal: AbortSignal },
  ): Promise<Pick<Route, 'host' | 'abroad'>> => {
    const { name, abroad: network } = placeOf(found.name, manifest, identity.network)
    const hostBy = (resolve: ResolveService): Promise<string> =>
      hostOf({ ...found, at: name }, service, (text) => raceSignal(resolve(text, { signal }), signal), signal)
    if (network === undefined) return { host: (await isHosted(service)) ? undefined : await hostBy(resolveService) }
    const options = { signal, byInvite: await isHosted(asker) }
    return { host: await abroad(network, options, (there) => hostBy(there.resolveService)), abroad: network }
  }

  return async ({ imports, manifest }, call, ask, { signal }) => {
    const found = imports.find(({ name }) => name === ask.import)
    if (found === undefined || found.mode === 'code') throw noImport(manifest.name, ask.import)
    const fn = found.functions.find(({ name }) => name === ask.method)
    if (fn === undefined) throw noFunction(found.name, ask.method)
    const service = found.mode === 'fork' ? await forkOf(call.service, found) : found.service
    const chain = [...call.chain, call.service.toString()]
    if (chain.length > MAX_CHAIN) throw tooDeep(chain)
    if (chain.includes(service.toString())) throw cycle([...chain, `${service} (${found.name})`])
    checkArguments(fn, decodeArguments(ask.args))
    return {
      name: found.name,
      service,
      fn,
      ...(await placed(found, service, { manifest, asker: call.service, signal })),
    }
  }
}

/** @param at what it is called where its name is looked up */
async function hostOf(
  { name, range, at }: ContractImport & { at: string },
  service: CID,
  find: (text: string) => Promise<ServiceTarget>,
  signal: AbortSignal,
): Promise<string> {
  const found = await find(`${at}@${range}`).catch((error: unknown) => {
    signal.throwIfAborted()
    if (NO_VERSION.has((error as { code?: string }).code ?? '')) return { error }
    throw error
  })
  if ('service' in found && found.service.equals(service)) return found.host
  // what was withdrawn, or stands beside a newer major version, goes on for who has found it
  const pinned = await find(`${at}@${service}`).catch(() => undefined)
  if (pinned?.service.equals(service)) return pinned.host
  signal.throwIfAborted()
  if ('error' in found) throw found.error
  throw broke(name, `its name stands for another service now, ${found.service}`)
}

/** What was answered, if it is what was promised, for no more than was given. @throws CallsError IMPORT_BROKE */
export function checkedAnswer(
  route: Pick<Route, 'name' | 'fn'>,
  ask: Pick<Ask, 'gas'>,
  { result, gas }: { result: Uint8Array; gas: bigint },
): { result: Uint8Array; gas: bigint } {
  if (gas > ask.gas)
    throw tooMuch(route.name, `${route.fn.name} used ${gas} units of gas, and ${ask.gas} were left for it`)
  return { result: checkedResult(route, result), gas }
}

/** @throws CallsError IMPORT_BROKE */
export function checkedResult({ name, fn }: Pick<Route, 'name' | 'fn'>, result: Uint8Array): Uint8Array {
  if (result.length > MAX_ASK_RESULT_BYTES) {
    throw tooMuch(name, `${fn.name} answered ${result.length} bytes, and ${MAX_ASK_RESULT_BYTES} are the most`)
  }
  let found: ReturnType<typeof checkResult>
  try {
    found = checkResult(fn.result, decodeResult(result))
  } catch {
    // also what is nested too deep to be looked at
    throw broke(name, `${fn.name} answered what is no value`)
  }
  if (found === undefined) return result
  throw broke(name, `what ${fn.name} answered${found.at} has to be ${found.expected}, and ${found.got} came`)
}

function noImport(contract: string, name: string): CallsError {
  const message = `${contract} does not import the service ${name.slice(0, 128)}.`
  return new CallsError('IMPORT_BROKE', message, 'name it in imports of amigo.yaml: amigo import NAME')
}

function noFunction(name: string, method: string): CallsError {
  const message = `The import ${name} has no function ${method.slice(0, 64)}, as it was pinned.`
  return new CallsError('NO_SUCH_FUNCTION', message, `see what it has now: amigo import ${name} --update`)
}
