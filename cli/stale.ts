import type { Copied } from '../daemon/api/vocabulary.ts'
import { say, type Text } from './text.ts'

/** What whoever reads a copy has to know of it. */
export function staleNote({ stale = false }: { stale?: boolean } | Copied): Text[] {
  return stale ? [say`warning: the host cannot be reached; this is the copy on this node, as it was pulled`] : []
}
