/** Makes a service of a contract, or gives a service that runs already its new code, or starts another major version beside it. */

import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import type { Serial } from '../../../registry/serial.ts'
import type { Json } from '../../api/vocabulary.ts'
import { checkArguments } from '../../contract/arguments.ts'
import { heapBytesOf } from '../../contract/limits.ts'
import type { Contract } from '../../contract/types.ts'
import type { Head, History } from '../../store/types.ts'
import type { CallFailure, Vm } from '../../vm/types.ts'
import { CallsError } from '../errors.ts'
import { checkServiceName, type Names } from '../names/names.ts'
import { isSealed } from '../run/check-access.ts'
import { genesisRequest } from '../run/context.ts'
import type { Identity, LocalName, RunningService, Waiting } from '../types.ts'
import { encodeArguments } from '../values.ts'
import { versionFor } from '../versions/choose.ts'
import { lineOf, originOf, withRunning, withVersion } from '../versions/line.ts'
import type { StartLine } from '../versions/start-line.ts'
import type { Contracts } from './contracts.ts'
import type { ImportForks } from './import-forks.ts'
import type { Upgrade } from './upgrade.ts'

export interface Deployed {
  name: string
  head: Head
  /** it ran before, with other code */
  upgraded: boolean
  /** as which it is published; undefined if the name is not published yet */
  version?: string | undefined
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
  /** told while what it imports as forks is brought here */
  onProgress?: Waiting['onProgress']
}

export type Deploy = (contract: Contract, options: DeployOptions) => Promise<Deployed>

export interface DeployParts {
  vm: Vm
  history: History
  contracts: Contracts
  names: Names
  identity: Identity
  upgrade: Upgrade
  startLine: StartLine
  /** what it imports as forks */
  forks: Pick<ImportForks, 'fetch' | 'make'>
  /** two services under one name must not both find it free */
  naming: Serial
  now: () => number
}

export function createDeploy(parts: DeployParts): Deploy {
  const { vm, history, contracts, names, identity, upgrade, startLine, forks, naming, now } = parts

  const genesis = async (
    entry: LocalName,
    version: string | undefined,
    contract: Contract,
    init: readonly Json[],
    signal: AbortSignal,
  ): Promise<Head> => {
    const { name } = entry
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
        also: (service) => [
          names.write(
            version === undefined
              ? withRunning(entry, service, null)
              : withVersion(entry, service, version, contract.cid),
          ),
        ],
      })
    } finally {
      // the first call opens it from what is on disk, like any other
      await vm.close(key)
    }
  }

  const deploy: Deploy = async (contract, { as, init, version: wanted, force = false, signal }) => {
    const name = checkServiceName(as ?? contract.manifest.name)
    const entry = (await names.get(name)) ?? { name, running: [], published: [] }
    const isPublished = entry.published.length > 0
    const version = isPublished ? await versionFor(entry, contract, wanted, contracts.load) : undefined
    const isItsLine = ({ line }: RunningService) => version === undefined || line === lineOf(version)
    const runs = entry.running.find(isItsLine)
    const made = { name, version, upgraded: false }
    const ignored = `${name} runs already: the arguments of init count when a service is made of nothing`

    if (runs === undefined) {
      const origin = version === undefined ? undefined : originOf(entry, version)
      if (version === undefined || origin === undefined) {
        const args = init === undefined ? [] : Array.isArray(init) ? init : [init]
        return { ...made, head: await genesis(entry, version, contract, args, signal), warnings: [] }
      }
      const { head, warnings } = await startLine({ entry, origin, version }, contract, { signal })
      return { ...made, head, warnings: [...(init === undefined ? [] : [ignored]), ...warnings] }
    }

    const head = await history.head(runs.service)
    if (head === undefined)
      throw new CallsError('SERVICE_NOT_FOUND', `The history of ${name} is missing.`, 'restore a backup')
    const warnings = init === undefined ? [] : [ignored]
    if (head.contract.equals(contract.cid)) return { ...made, head, warnings }
    const options = { version: version ?? wanted, force, dryRun: false, signal }
    const done = await upgrade({ ...runs, entry }, contract, options)
    return { ...made, head: done.head ?? head, upgraded: true, warnings: [...warnings, ...done.warnings] }
  }

  return async (contract, options) => {
    const { signal, onProgress } = options
    // whoever runs under the name has its forks, if it is the same that is to run
    const before = await names.get(checkServiceName(options.as ?? contract.manifest.name))
    const [only] = before?.running ?? []
    await forks.fetch(contract, before?.running.length === 1 ? only!.service : undefined, { signal, onProgress })
    return naming(identity.user, async () => {
      const deployed = await deploy(contract, options)
      await forks.make(deployed.head.service, contract)
      return deployed
    })
  }
}

/** A service that did not come to be: nothing of it is kept. */
function notStarted(name: string, { code, message }: CallFailure): CallsError {
  const hint =
    'its module runs once when it is deployed, then its init, if it has one, with the arguments that --init gives'
  // the compiler joins the files of a contract: its lines are not theirs
  const where = message.replace(/ \(line (\d+)\)$/, ' (line $1 of the compiled module)')
  return new CallsError(code, `${name} did not start: ${where}`, hint)
}

/** The arguments with which a service begins. @throws ContractError BAD_ARGUMENTS, CallsError ARGUMENTS_INVALID: nothing is made then */
export function checkInit({ init, manifest }: Pick<Contract, 'init' | 'manifest'>, args: readonly Json[]): void {
  const none = { name: 'init', kind: 'call', params: [], returns: 'void', result: { kind: 'void' }, doc: '' } as const
  if (init === null && args.length > 0) {
    const message = `${manifest.name} exports no init, so it takes no arguments when it is made.`
    throw new CallsError('ARGUMENTS_INVALID', message, 'leave --init out')
  }
  checkArguments({ ...none, params: init ?? [] }, args)
}
