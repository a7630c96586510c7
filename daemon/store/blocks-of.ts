import type { CID } from 'multiformats/cid'
import { readFirst, serviceOf } from './chain.ts'
import { decodeCommit } from './commit-codec.ts'
import { MAX_FORKS } from './constants.ts'
import type { LocalDatabase } from './database-types.ts'
import { need } from './payload.ts'
import type { StateComponents } from './state.ts'

/** The blocks of a history: its own, those of the histories it was forked from, and what is for everybody. */
export const blocksOf = async (
  components: StateComponents & { database: LocalDatabase },
  service: CID,
): Promise<{ get(cid: CID): Promise<Uint8Array | undefined> }> => {
  const { bookkeeping, blocks, database } = components
  const seals = new Set<string>()
  let at = service
  for (let forks = 0; forks <= MAX_FORKS; forks++) {
    const head = await bookkeeping.head(at)
    if (head?.seal !== undefined) seals.add(head.seal)
    const { body } = await readFirst(components, at)
    if (body.kind !== 'fork' || !(await blocks.has(body.from))) break
    at = serviceOf(decodeCommit(body.from, await need(blocks, body.from)))
    if (!(await blocks.has(at))) break
  }
  const scopes = seals.size === 0 ? [database.scope()] : [...seals].map((seal) => database.scope(seal))
  return {
    get: async (cid) => {
      for (const scope of scopes) {
        const bytes = await scope.get(cid)
        if (bytes) return bytes
      }
      return undefined
    },
  }
}
