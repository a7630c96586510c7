/** Makes a service of a contract, or gives a service that runs already its new code. */

import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import type { Serial } from '../../registry/serial.ts'
import type { Json } from '../api/vocabulary.ts'
import { checkArguments } from '../contract/arguments.ts'
import { heapBytesOf } from '../contract/limits.ts'
import type { Contract } from '../contract/types.ts'
import type { Head, History } from '../store/types.ts'
import type { CallFailure, Vm } from '../vm/types.ts'
import { isSealed } from './check-access.ts'
import { genesisRequest } from './context.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import { checkServiceName, type Names } from './names.ts'
import type { Identity } from './types.ts'
import type { Upgrade } from './upgrade.ts'
import { encodeArguments } from './values.ts'

export interface Deployed {
  name: string
  head: Head
  /** it ran before, with other code */
  upgraded: boolean
  warnings: string[]
}

export interface DeployOptions {
  /** @default the name in the manifest */
  as?: string | undefined
  /** one argument of `init`, or an array of all of them */
  init?: Json | undefined
  /** as which it is published, if it is */
  version?: string | undefined
  /** upgrade also if that breaks callers */
  force?: boolean | undefined
  signal: AbortSignal
}

export type Deploy = (contract: Contract, options: DeployOptions) => Promise<Deployed>

export interface DeployParts {
  vm: Vm
  history: History
  contracts: Contracts
  names: Names
  identity: Identity
  upgrade: Upgrade
  /** two services under one name must not both find it free */
  naming: Serial
  now: () => number
}

export function createDeploy(parts: DeployParts): Deploy {
  const { vm, history, contracts, names, identity, upgrade, naming, now } = parts

  const genesis = async (
    name: string,
    contract: Contract,
    init: readonly Json[],
    signal: AbortSignal,
  ): Promise<Head> => {
    checkInit(contract, init)
    const nonce = randomBytes(16)
    const key = `genesis/${nonce.toString('hex')}`
    const time = now()
    const first = { owner: identity.user, nonce, args: encodeArguments(init) }
    const module = await contracts.module(contract)
    const options = { heapBytes: heapBytesOf(contract.manifest.limits), signal }
    const { outcome, origin } = await vm.genesis(key, module, genesisRequest(first, time), options)
    if (!outcome.ok && outcome.error.code === 'CANCELLED') signal.throwIfAborted()
    if (!outcome.ok) throw notStarted(name, outcome.error)
    try {
      return await history.create({
        genesis: first,
        contract: contract.cid,
        sealed: isSealed(contract),
        engine: CID.parse(vm.engine),
        time,
        ...origin!,
        also: (service) => [names.write({ name, service, published: [] })],
      })
    } finally {
      // the first call opens it from what is on disk, like any other
      await vm.close(key)
    }
  }

  return (contract, { as, init, version, force = false, signal }) =>
    naming(identity.user, async () => {
      const name = checkServiceName(as ?? contract.manifest.name)
      const known = await names.get(name)
      if (known === undefined) {
        const args = init === undefined ? [] : Array.isArray(init) ? init : [init]
        return { name, head: await genesis(name, contract, args, signal), upgraded: false, warnings: [] }
      }
      const head = await history.head(known.service)
      if (head === undefined)
        throw new CallsError('SERVICE_NOT_FOUND', `The history of ${name} is missing.`, 'restore a backup')
      const ignored = `${name} runs already: the arguments of init count when a service is made`
      const warnings = init === undefined ? [] : [ignored]
      if (head.contract.equals(contract.cid)) return { name, head, upgraded: false, warnings }
      const done = await upgrade(known, contract, { version, force, dryRun: false, signal })
      return { name, head: done.head ?? head, upgraded: true, warnings: [...warnings, ...done.warnings] }
    })
}

/** A service that did not come to be: nothing of it is kept. */
function notStarted(name: string, { code, message }: CallFailure): CallsError {
  const hint =
    'its module runs once when it is deployed, then its init, if it has one, with the arguments that --init gives'
  // the compiler joins the files of a contract: its lines are not theirs
  const where = message.replace(/ \(line (\d+)\)$/, ' (line $1 of the compiled module)')
  return new CallsError(code, `${name} did not start: ${where}`, hint)
}

/** @throws ContractError BAD_ARGUMENTS: nothing is made then */
function checkInit({ init, manifest }: Contract, args: readonly Json[]): void {
  const none = { name: 'init', kind: 'call', params: [], returns: 'void', result: { kind: 'void' }, doc: '' } as const
  if (init === null && args.length > 0) {
    const message = `${manifest.name} exports no init, so it takes no arguments when it is made.`
    throw new CallsError('ARGUMENTS_INVALID', message, 'leave --init out')
  }
  checkArguments({ ...none, params: init ?? [] }, args)
}
