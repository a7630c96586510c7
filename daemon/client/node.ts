/** `amigos/client` in Node. See specs/client.md. */
import { resolve } from 'node:path'
import { usualHome } from '../api/usual-home.ts'
import { connectLocalApi } from './local-api.ts'
import { createAmigo } from './service.ts'
import type { Amigo } from './types.ts'

export { AmigoError } from './errors.ts'
export type * from './types.ts'

export interface ConnectInit {
  /** data folder of the node. @default AMIGO_HOME, or where the platform keeps such things */
  home?: string
}

/** A client of one node. Nothing is opened before the first service is asked for, and nothing stays open between requests. */
export function connect({ home }: ConnectInit = {}): Amigo {
  return createAmigo(() => connectLocalApi(home === undefined ? usualHome(process.env) : resolve(home)))
}

/** The node of this account. */
export const amigo: Amigo = connect()
