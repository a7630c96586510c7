/** Makes a service of a contract: its genesis runs here, and the first commit names it. */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import type { Json } from '../api/vocabulary.ts'
import { checkArguments } from '../contract/arguments.ts'
import type { Contract } from '../contract/types.ts'
import type { Head, History } from '../store/types.ts'
import type { CallFailure, Vm } from '../vm/types.ts'
import { genesisRequest } from './context.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import { checkServiceName, type Names } from './names.ts'
import { createSerial } from './serial.ts'
import type { Identity } from './types.ts'
import { encodeArguments } from './values.ts'

export interface Deployed {
  name: string
  head: Head
  warnings: string[]
}

/** @param options.init one argument of `init`, or an array of all of them */
export type Deploy = (
  contract: Contract,
  options: { as?: string | undefined; init?: Json | undefined },
) => Promise<Deployed>

export interface DeployParts {
  vm: Vm
  history: History
  contracts: Contracts
  names: Names
  identity: Identity
  now: () => number
}

export function createDeploy({ vm, history, contracts, names, identity, now }: DeployParts): Deploy {
  const serial = createSerial() // two deployments under one name must not both find it free

  const genesis = async (name: string, contract: Contract, init: readonly Json[]): Promise<Head> => {
    checkInit(contract, init)
    const nonce = randomBytes(16)
    const key = `genesis/${nonce.toString('hex')}`
    const args = encodeArguments(init)
    const time = now()
    const first = { owner: identity.user, nonce, args }
    const { outcome, origin } = await vm.genesis(key, await contracts.module(contract), genesisRequest(first, time))
    if (!outcome.ok) throw notStarted(name, outcome.error)
    try {
      return await history.create({
        genesis: first,
        contract: contract.cid,
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

  return (contract, { as, init }) =>
    serial.run(async () => {
      const name = checkServiceName(as ?? contract.manifest.name)
      const known = await names.get(name)
      if (known === undefined) {
        const args = init === undefined ? [] : Array.isArray(init) ? init : [init]
        return { name, head: await genesis(name, contract, args), warnings: [] }
      }
      const head = await history.head(known.service)
      if (head === undefined)
        throw new CallsError('SERVICE_NOT_FOUND', `The history of ${name} is missing.`, 'restore a backup')
      if (head.contract.equals(contract.cid)) {
        const ignored = `${name} runs already: the arguments of init count when a service is made`
        return { name, head, warnings: init === undefined ? [] : [ignored] }
      }
      const hint = `give it a name of its own beside the running one: the same command with --as ${name}-2`
      throw new CallsError(
        'UPGRADE_NOT_POSSIBLE',
        `${name} runs other code than this, and upgrades are not there yet.`,
        hint,
      )
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
  const none = { name: 'init', kind: 'call', params: [], returns: 'void', doc: '' } as const
  if (init === null && args.length > 0) {
    const message = `${manifest.name} exports no init, so it takes no arguments when it is made.`
    throw new CallsError('ARGUMENTS_INVALID', message, 'leave --init out')
  }
  checkArguments({ ...none, params: init ?? [] }, args)
}
