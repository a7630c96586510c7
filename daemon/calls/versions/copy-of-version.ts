/** A service to fork, by a version: where that does not run any more, the last commit that had its code. */
import type { CID } from 'multiformats/cid'
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Resolve } from '../names/resolve.ts'
import type { Copy, GetCopy } from '../pull/copy.ts'
import type { Identity, Waiting } from '../types.ts'
import { lineOf } from './line.ts'

export interface CopyOfVersionParts {
  identity: { network: Pick<Identity['network'], 'suffix'> }
  history: Pick<History, 'log'>
  resolve: Resolve
  getCopy: GetCopy
}

/** The same as `getCopy` for a name whose version runs. It costs a walk over the commits since. @throws CallsError VERSION_NOT_RUNNING */
export function createCopyOfVersion({ identity, history, resolve, getCopy }: CopyOfVersionParts): GetCopy {
  const { suffix } = identity.network

  const lastWith = async (copy: Copy, contract: CID, signal: AbortSignal): Promise<CID | undefined> => {
    for await (const commit of history.log(copy.service)) {
      signal.throwIfAborted()
      if (commit.contract.equals(contract)) return commit.cid
    }
    return undefined
  }

  return async (text, waiting: Waiting) => {
    const name = parseName(text, { suffix })
    if (name.kind !== 'service' && name.kind !== 'local') return getCopy(text, waiting)
    const target = await resolve(text, { signal: waiting.signal, code: true })
    if (target.kind !== 'contract') return getCopy(text, waiting)
    const major = /^v(\d+)$/.exec(lineOf(target.version))?.[1]
    const lost = new CallsError(
      'VERSION_NOT_RUNNING',
      `${text} is ${target.version}, and no service that runs has the state that it had.`,
      `take its code alone: amigo pull ${text} --out DIR, and amigo serve DIR`,
    )
    if (major === undefined) throw lost
    const line = formatName({ ...name, version: { kind: 'major', major: Number(major) } }, { suffix })
    const copy = await getCopy(line, waiting).catch((error: { code?: string }) => {
      throw error.code === 'VERSION_NOT_RUNNING' ? lost : error
    })
    const at = await lastWith(copy, target.contract, waiting.signal)
    if (at === undefined) throw lost
    return { ...copy, at }
  }
}
