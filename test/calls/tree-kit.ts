/** Services that call each other: contracts as the compiler writes them, with their imports pinned. */
import type { CID } from 'multiformats/cid'
import type { ContractImport } from '../../daemon/contract/types.ts'
import type { Host } from '../support/host.ts'

/** An import of all functions that a service has now. */
export async function live(host: Host, name: string, service: CID): Promise<ContractImport> {
  const head = await host.history.head(service)
  const { cid, manifest, interface: functions } = await host.contracts.load(head!.contract)
  return { name: nameOf(name), range: '*', mode: 'live', version: manifest.version, contract: cid, service, functions }
}

export const nameOf = (name: string): string => `local.land/_/${name}`

/** The head of a source: functions of imports, as `name$method`. */
export const importing = (imports: Record<string, readonly string[]>): string =>
  [
    "import { importFunction } from 'amigos:imports'",
    ...Object.entries(imports).flatMap(([name, methods]) =>
      methods.map(
        (method) =>
          `const ${name}$${method}: (...args: unknown[]) => Promise<any> = importFunction('${nameOf(name)}', '${method}') as any`,
      ),
    ),
    '',
  ].join('\n')

export const COUNTER = `
import { caller, origin, chain } from 'amigos:context'
let n = 0
let last = { caller: '', origin: '', chain: [] as string[] }
export function add(by: number): number {
  if (by < 0) throw new RangeError('no less')
  n += by
  last = { caller: caller(), origin: origin(), chain: chain() }
  return n
}
/** @query */
export function read(): number { return n }
/** @query */
export function who(): { caller: string; origin: string; chain: string[] } { return last }
`

/** The same as a fork: of a commit, @default its head. */
export async function forked(host: Host, name: string, service: CID, at?: CID): Promise<ContractImport> {
  const pin = await live(host, name, service)
  const commit = at ?? (await host.history.head(service))!.commit
  return { ...(pin as ContractImport & { mode: 'live' }), mode: 'fork', commit }
}
