import { setTimeout as sleep } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { FOLLOW_RETRY_MS, MAX_FOLLOW_RETRIES } from '../constants.ts'
import { NO_ANSWER } from '../pull/copy.ts'
import type { Remote } from '../remote/remote.ts'
import type { Followed } from './follow.ts'

export interface FollowRemoteInit {
  host: string
  service: CID
  /** @default the commit that is made next */
  from: number | undefined
  /** in whose name. @default that of this node's user */
  grant?: () => Promise<Uint8Array>
}

/** Follows a service of another node: goes on where it was when the connection is lost for a while. */
export async function* followRemote(
  remote: Pick<Remote, 'head' | 'subscribe'>,
  { host, service, from, grant }: FollowRemoteInit,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  const options = { signal, ...(grant && { grant }) }
  // from now on, whatever becomes of the connection before the first commit
  let next = from ?? (await remote.head(host, service, options)).seq + 1
  for (let failures = 0; ; failures++) {
    try {
      for await (const one of remote.subscribe(host, service, next, options)) {
        failures = 0
        next = one.seq + 1
        yield one
      }
      return
    } catch (error) {
      const isLost = NO_ANSWER.has((error as { code?: string }).code ?? '')
      if (!isLost || failures >= MAX_FOLLOW_RETRIES) throw error
      await sleep(FOLLOW_RETRY_MS * 2 ** failures, undefined, { signal })
    }
  }
}
