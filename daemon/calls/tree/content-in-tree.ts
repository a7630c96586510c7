/** Content for the calls of a tree: what others of it have written is on no disk before the tree ends, and can be read all the same. */
import type { ContentSource } from '../run/content.ts'

/** @param written a piece that a call of the tree wrote */
export function contentInTree(source: ContentSource, written: (cid: string) => Uint8Array | undefined): ContentSource {
  return {
    async read(needed) {
      const own = [...needed.keys()].flatMap((cid): [string, Uint8Array][] => {
        const piece = written(cid)
        return piece ? [[cid, piece]] : []
      })
      const missing = new Map([...needed].filter(([cid]) => written(cid) === undefined))
      return new Map([...(missing.size > 0 ? await source.read(missing) : []), ...own])
    },
    supply(attempt, asking) {
      const own = new Map<string, number>()
      return source.supply(async (needed) => {
        for (;;) {
          const answer = await attempt(new Map([...needed, ...own]))
          const piece = 'needs' in answer && !own.has(answer.needs) ? written(answer.needs) : undefined
          if (!('needs' in answer) || piece === undefined) return answer
          own.set(answer.needs, piece.length)
        }
      }, asking)
    },
  }
}
