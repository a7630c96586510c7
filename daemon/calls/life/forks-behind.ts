/** Forks that services import, whose code is not what was pinned: a fork stays as it is when its importer gets other code. */
import type { CID } from 'multiformats/cid'
import { breaksOf } from '../../contract/compare.ts'
import type { Contract, ContractImport } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Names } from '../names/names.ts'
import type { ForkRows } from '../tree/fork-rows.ts'
import { orderOf } from '../versions/line.ts'
import type { Contracts } from './contracts.ts'

export type Pin = ContractImport & { mode: 'fork' }

export interface ForksBehindParts {
  rows: Pick<ForkRows, 'get'>
  history: Pick<History, 'head'>
  contracts: Pick<Contracts, 'load'>
  names: Pick<Names, 'of'>
}

/** In which forks of a service the code is older than a contract of it pins, or lacks what that calls: in words, with what to do. */
export type ForksBehind = (service: CID, contract: Contract) => Promise<string[]>

export function createForksBehind({ rows, history, contracts, names }: ForksBehindParts): ForksBehind {
  return async (service, contract) => {
    const found: string[] = []
    for (const pin of forksOf(contract)) {
      const { fork } = await rows.get(service, pin)
      const head = fork && (await history.head(fork))
      if (!head?.hosted || head.contract.equals(pin.contract)) continue
      const code = await contracts.load(head.contract)
      const lacks = breaksOf(pin.functions, code.interface).map((one) => `${one.function}: ${one.reason}`)
      // who has given it code of their own knows what it is
      if (lacks.length === 0 && orderOf(pin.version, code.manifest.version) <= 0) continue
      found.push(inWords(pin, code, (await names.of(head.service))?.entry.name ?? pin.name, lacks))
    }
    return found
  }
}

export const forksOf = ({ imports }: Contract): Pin[] => imports.filter((one): one is Pin => one.mode === 'fork')

function inWords({ name, version }: Pin, { manifest }: Contract, label: string, lacks: readonly string[]): string {
  const own = `local.land/_/${label}`
  const missing = lacks.length === 0 ? '' : `, which lacks what is called (${lacks.join('; ')})`
  const todo = `amigo pull '${name}@${version}' --out DIR && amigo upgrade ${own} DIR`
  return `${own}, the copy of ${name}, stays as it is, with the code of ${manifest.version}${missing}; that of ${version} it gets with ${todo}`
}
