/** Seals mark the blocks of a history that is not for everybody. They are this node's own matter: a name, and no key. */
import { randomBytes } from 'node:crypto'
import type { HeadRow } from './bookkeeping.ts'
import { SEAL_BYTES } from './constants.ts'

/** A name that no other history on this node has. */
export const newSeal = (): string => randomBytes(SEAL_BYTES).toString('hex')

/** What the next blocks of a history get. */
export const sealOf = ({ sealed, seal }: Pick<HeadRow, 'sealed' | 'seal'>): string | undefined =>
  sealed ? seal : undefined

/** The fields of the next row. A seal stays when the history is opened: its older blocks still have it. */
export const sealFields = (sealed: boolean, before?: string | undefined): Pick<HeadRow, 'sealed' | 'seal'> => {
  const seal = before ?? (sealed ? newSeal() : undefined)
  return { sealed, ...(seal !== undefined && { seal }) }
}
