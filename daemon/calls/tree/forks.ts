/** The forks that services import: each service has its own, made when it is deployed. */
import type { CID } from 'multiformats/cid'
import { CallsError } from '../errors.ts'
import type { ForkOf } from './route.ts'

export const forkOf: ForkOf = async (service: CID, name: string) => {
  const message = `The service ${service} has no fork of ${name} on this node.`
  throw new CallsError('SERVICE_NOT_FOUND', message, 'deploy it again: that makes its forks')
}
