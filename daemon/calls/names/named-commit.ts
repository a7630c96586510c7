/** `NAME@COMMIT`: which service a commit is of, wherever it is. */
import { CID } from 'multiformats/cid'
import type { ResolvedHome } from '../../../registry/home/types.ts'
import type { VersionSelector } from '../../../registry/types.ts'
import type { Fetcher } from '../../node/fetch.ts'
import type { History } from '../../store/types.ts'
import { COMMIT_TIMEOUT_MS } from '../constants.ts'
import { serviceOf } from '../life/lifecycle.ts'
import type { Identity } from '../types.ts'

/** The service; null: it is certain that none of the name's has such a commit; undefined: who knows. */
export type CommitOwner = CID | null | undefined

export interface NamedCommit {
  /** @param services all that the name may mean, which run here */
  here(version: VersionSelector, services: readonly CID[]): Promise<CommitOwner>
  /** @param code nobody will ask the host for it, so what it is has to be known now */
  away(
    wanted: { version: VersionSelector; name: string; code: boolean },
    home: Pick<ResolvedHome, 'services' | 'versions'>,
    signal: AbortSignal,
  ): Promise<CommitOwner>
}

export interface NamedCommitParts {
  identity: Pick<Identity, 'peerId'>
  history: Pick<History, 'commit' | 'base'>
  fetcher: Pick<Fetcher, 'block'>
}

export function createNamedCommit({ identity, history, fetcher }: NamedCommitParts): NamedCommit {
  const owner = async (cid: CID): Promise<CID | undefined> => {
    const commit = await history.commit(cid).catch(() => undefined)
    return commit && serviceOf(commit)
  }
  /** A commit that was dropped may have been of it. */
  const isWhole = async (service: CID): Promise<boolean> => (await history.base(service)).seq === 0

  const here: NamedCommit['here'] = async (version, services) => {
    if (version.kind !== 'cid') return undefined
    const found = await owner(CID.parse(version.cid))
    if (found !== undefined) return found
    return (await Promise.all(services.map(isWhole))).every(Boolean) ? null : undefined
  }

  return {
    here,
    async away({ version, name, code }, home, signal) {
      if (version.kind !== 'cid') return undefined
      const cid = CID.parse(version.cid)
      const running = home.services.filter((one) => one.name === name)
      // its first commit, which need not be had to know that
      if (running.some(({ service }) => service.equals(cid))) return cid
      const known = await owner(cid)
      if (known !== undefined) return known
      const published = home.versions.filter((one) => one.name === name)
      const listed = [...running.flatMap((one) => [one.contract, one.head]), ...published.map((one) => one.contract)]
      if (listed.some((one) => one.equals(cid)) || running.length === 0) return undefined
      const providers = [...new Set(running.map(({ host }) => host))].filter((host) => host !== identity.peerId)
      if (providers.length === 0) return here(version, [...new Set(running.map(({ service }) => service))])
      // of one service its host says what is wrong, to whoever asks it anything
      if (running.length < 2 && !code) return undefined
      const within = code ? AbortSignal.any([signal, AbortSignal.timeout(COMMIT_TIMEOUT_MS)]) : signal
      const block = await fetcher.block(cid, { signal: within, providers }).catch(() => signal.throwIfAborted())
      return block ? ((await owner(cid)) ?? null) : undefined
    },
  }
}
