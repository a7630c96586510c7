/** `amigos/client` in browsers. See specs/client.md. */
import { connectDoor } from './door.ts'
import { type KeyPair, ownKey } from './key.ts'
import { createAmigo } from './service.ts'
import type { Amigo } from './types.ts'

export { AmigoError } from './errors.ts'
export type * from './types.ts'

export interface ConnectInit {
  /** origin of the node's page. @default the usual port of this machine */
  node?: string
  /** who calls. @default a key of this origin, which is made on first use and stays in this browser */
  key?: KeyPair
}

const USUAL_NODE = 'http://localhost:4152'

/** A client of one node. Nothing is asked, and no key made, before the first service is asked for. */
export function connect({ node = USUAL_NODE, key }: ConnectInit = {}): Amigo {
  return createAmigo(() => connectDoor(node, key === undefined ? ownKey : async () => key))
}

/** The node on this machine, at its usual port. */
export const amigo: Amigo = connect()
