/** The forks that services import: each service has its own, which `life/import-forks.ts` makes when it is deployed. */
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { ForkRows } from './fork-rows.ts'
import type { ForkOf } from './route.ts'

export interface ForkOfParts {
  rows: Pick<ForkRows, 'get'>
  history: Pick<History, 'head'>
}

export function createForkOf({ rows, history }: ForkOfParts): ForkOf {
  return async (service, pin) => {
    const { fork } = await rows.get(service, pin)
    if (fork !== undefined && (await history.head(fork))?.hosted) return fork
    const head = await history.head(service)
    // its fork is known to its host alone
    const isCopy = head !== undefined && !head.hosted
    const message = isCopy
      ? `This node only holds a copy of ${service}, and the fork of ${pin.name} is where its host is.`
      : `The service ${service} has no fork of ${pin.name} on this node.`
    const hint = isCopy ? 'ask its host' : 'deploy it again: that makes its forks'
    throw new CallsError('SERVICE_NOT_FOUND', message, hint)
  }
}
