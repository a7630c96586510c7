/** Where services stand that others run, as their nodes announced of late. In RAM: whoever starts anew asks. */
import type { CID } from 'multiformats/cid'
import type { HeadNews } from '../../../registry/home/types.ts'
import { MAX_KNOWN_HEADS } from './constants.ts'

export interface Heads {
  /** Whether it was news: the node was never further before, or says of a later time that it still stands there. */
  note(news: HeadNews): boolean
  get(node: string, service: CID): HeadNews | undefined
}

/** A bounded number; those that moved longest ago are forgotten first. */
export function createHeads(): Heads {
  const heads = new Map<string, HeadNews>()
  const keyOf = (node: string, service: CID): string => `${node} ${service}`

  return {
    note(news) {
      const key = keyOf(news.node, news.service)
      const before = heads.get(key)
      // a rollback is a commit as well: a service never goes back
      if (before !== undefined && !isNewer(news, before)) return false
      heads.delete(key)
      heads.set(key, news)
      if (heads.size > MAX_KNOWN_HEADS) heads.delete(heads.keys().next().value!)
      return true
    },
    get: (node, service) => heads.get(keyOf(node, service)),
  }
}

/** A list that was signed anew hides what was said before it, so that a node may say the same head once more. */
const isNewer = (news: HeadNews, before: HeadNews): boolean =>
  news.seq > before.seq || (news.commit.equals(before.commit) && news.seq === before.seq && news.time > before.time)
