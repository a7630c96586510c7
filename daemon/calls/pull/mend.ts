/** Looks through what is here of a service, and fetches again what the disk lost or damaged. */
import type { CID } from 'multiformats/cid'
import type { Fetcher } from '../../node/fetch.ts'
import type { LocalHistory } from '../../store/types.ts'
import type { Mended } from '../../store/upkeep-types.ts'
import type { ServiceTarget } from '../names/resolve.ts'
import type { Remote } from '../remote/remote.ts'
import type { Identity, Waiting } from '../types.ts'

export interface MendParts {
  identity: Pick<Identity, 'peerId'>
  history: Pick<LocalHistory, 'head' | 'mend'>
  fetcher: Pick<Fetcher, 'block'>
  remote: Pick<Remote, 'blocks'>
}

/** Undefined if nothing of the service is here. */
export type Mend = (target: ServiceTarget, waiting: Waiting) => Promise<Mended | undefined>

export function createMend({ identity, history, fetcher, remote }: MendParts): Mend {
  return async ({ service, host }, { signal, onProgress }) => {
    const head = await history.head(service)
    if (head === undefined) return undefined
    const isOwn = host === identity.peerId
    const seal = head.seal

    /** What is not for everybody comes from its host alone. */
    const fetchSealed = async (cid: CID): Promise<Uint8Array | undefined> =>
      isOwn ? undefined : (await remote.blocks(host, service, [cid], { signal }))[0]

    return history.mend(service, {
      signal,
      onProgress: ({ done }) => onProgress?.({ doing: 'checking what is here', done }),
      async fetch(cid, isOpen) {
        try {
          if (!isOpen && seal !== undefined) return await fetchSealed(cid)
          return await fetcher.block(cid, { signal, providers: isOwn ? [] : [host] })
        } catch {
          // who does not have it, or is not there, is no help: the pull says what is missing in the end
          signal.throwIfAborted()
          return undefined
        }
      },
    })
  }
}
