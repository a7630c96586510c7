/** What other nodes may have of this one's blocks, in bulk: specs/pull.md, section 3. */

import type { Claim, Open, Source } from '../../../protocol/pull/types.ts'
import type { Handler } from '../../../protocol/types.ts'
import type { LocalDatabase } from '../../store/database-types.ts'
import type { History } from '../../store/types.ts'
import { forPeers } from '../remote/for-peers.ts'
import { type ShownServiceParts, shownService } from '../remote/shown-service.ts'
import { checkAccess } from '../run/check-access.ts'

export interface PullOpenParts extends ShownServiceParts {
  history: Pick<History, 'head' | 'commit' | 'blocksOf'>
  /** without a seal: what is for everybody */
  scope: LocalDatabase['scope']
  log: (line: string) => void
}

/** Of a service what its readers may have; else what is for everybody, as by bitswap. */
export function createPullOpen({ scope, log, ...parts }: PullOpenParts): Open {
  const handler: Handler = async (claim, { peer }) => {
    const { service, grant } = claim as Claim
    if (service === undefined) return scope()
    await shownService(parts, {
      service,
      peer,
      grant,
      check: (contract, asker) => checkAccess(contract, asker, 'history'),
    })
    return parts.history.blocksOf(service)
  }
  // a failure is told as those of other requests are
  const guarded = forPeers(handler, log)
  return async (peer, claim, { signal }) => (await guarded(claim, { peer, signal })) as Source
}
