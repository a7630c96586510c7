import type { HomeRecord } from './types.ts'

/** Where a home record stands among those of its user: whoever changed the key more often is newer, then who has the higher sequence. */
export interface Rank {
  rotations: number
  seq: number
}

export const rankOf = ({ keys, seq }: Pick<HomeRecord, 'keys' | 'seq'>): Rank => ({ rotations: keys.length - 1, seq })

export function isBehind(one: Rank, other: Rank): boolean {
  return one.rotations === other.rotations ? one.seq < other.seq : one.rotations < other.rotations
}
