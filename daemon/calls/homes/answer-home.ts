import type { CID } from 'multiformats/cid'
import type { Handler } from '../../../protocol/types.ts'
import { MAX_HOME_NODES } from '../../../registry/constants.ts'
import type { Registry } from '../../../registry/home/types.ts'
import { badRequest, isCid, isText, reader } from '../remote/wire.ts'

/** Tells what is known here of a user, its own first of all; nobody else is asked for it. */
export function createAnswerHome(registry: Pick<Registry, 'known'>): Handler {
  return async (body) => {
    const read = reader(body, badRequest)
    return registry.known(read('user', isText), read('known', isKnown) ?? [])
  }
}

const isKnown = (value: unknown): value is CID[] | undefined =>
  value === undefined || (Array.isArray(value) && value.length <= MAX_HOME_NODES + 1 && value.every(isCid))
