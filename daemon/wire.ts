/** The internode protocol on this node: what it asks others, and a table of what others may ask, which is filled by those who answer. */
import { createInternode } from '../protocol/service.ts'
import type { Handler, Internode } from '../protocol/types.ts'
import { keeping } from './calls/remote/keeping.ts'
import { createRemote, type Remote } from './calls/remote/remote.ts'
import type { Identity } from './calls/types.ts'
import type { AmigosNode } from './node/node.ts'
import { VERSION } from './version.ts'

export interface Wire {
  handlers: Record<string, Handler>
  internode: Internode
  remote: Remote
}

export function createWire(node: AmigosNode, identity: Identity): Wire {
  const handlers: Record<string, Handler> = {}
  const internode = keeping(
    createInternode(
      { node: node.libp2p, handlers },
      { network: identity.network.id, agent: `amigos/${VERSION}`, onRefused: (peer, ms) => node.ban(peer, ms) },
    ),
    (peer) => node.keep(peer),
  )
  return { handlers, internode, remote: createRemote(internode, identity) }
}
