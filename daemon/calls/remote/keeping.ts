import type { Internode } from '../../../protocol/types.ts'

/** The internode protocol, telling whose connection is needed: that of every peer that is asked something. */
export function keeping(internode: Internode, keep: (peer: string) => void): Internode {
  return {
    ...internode,
    request(peer, method, body, options) {
      keep(peer)
      return internode.request(peer, method, body, options)
    },
    stream(peer, method, body, options) {
      keep(peer)
      return internode.stream(peer, method, body, options)
    },
  }
}
