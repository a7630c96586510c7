/** What a service depends on, and who depends on it: specs/imports.md, "Graphs". */
import type { CID } from 'multiformats/cid'
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import { CallsError } from '../errors.ts'
import type { Resolve } from '../names/resolve.ts'
import { GRAPH_DEPTH, GRAPH_MS } from './constants.ts'
import type { createDependencies } from './dependencies.ts'
import type { createDependents } from './dependents.ts'
import type { FetchRoot } from './fetch-root.ts'
import type { BeginProbe } from './probe.ts'
import { upJson } from './shown.ts'

export interface GraphParts {
  resolve: Resolve
  beginProbe: BeginProbe
  fetchRoot: FetchRoot
  dependencies: ReturnType<typeof createDependencies>
  dependents: ReturnType<typeof createDependents>
  hereOf: (service: CID) => Promise<string | null>
}

/** @throws CallsError NOT_A_SERVICE; CONTENT_NOT_FOUND, and what a name can be refused with */
export function createGraph(parts: GraphParts): Implementation['graph'] {
  const { resolve, beginProbe, fetchRoot, dependencies, dependents, hereOf } = parts

  return async ({ name, depth = GRAPH_DEPTH }, { signal }): Promise<Methods['graph']['result']> => {
    const target = await resolve(name, { signal, code: true })
    if (target.kind !== 'service' && target.kind !== 'contract') {
      const message = `${target.name} is neither a service nor a contract.`
      throw new CallsError('NOT_A_SERVICE', message, 'name a service, such as alice.amigos.net/forum')
    }
    const service = target.kind === 'service' ? target.service : undefined
    const { host } = target
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(GRAPH_MS)])
    const probe = beginProbe()
    const up = host === undefined ? undefined : await probe(host, service, deadline)
    const runs = up?.contract ?? target.contract
    if (runs === undefined) throw unknownCode(name, up?.code)
    const contract = await fetchRoot(runs, host, deadline)
    const options = { depth, probe, deadline }
    const [below, above] = await Promise.all([
      dependencies({ contract, service, host }, options),
      dependents(service ?? runs, host, options),
    ])
    signal.throwIfAborted()
    return {
      name: target.name,
      version: target.version ?? contract.manifest.version,
      service: service?.toString() ?? null,
      contract: runs.toString(),
      host: host ?? null,
      here: service === undefined ? null : await hereOf(service),
      ...upJson(up),
      dependencies: below.dependencies,
      dependents: above.dependents,
      more: below.more || above.more,
      warnings: target.warnings ?? [],
    }
  }
}

function unknownCode(name: string, code: string | undefined): CallsError {
  const message = `Nobody says what ${name} runs: its host does not answer${code === undefined ? '' : ` (${code})`}.`
  return new CallsError('CONTENT_NOT_FOUND', message, 'try again when its host is up')
}
