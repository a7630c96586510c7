import type { CallOptions, FunctionInfo, QueryOptions, SubscribeOptions, Waiting } from './types.ts'
import type { Json } from './values.ts'

/** What a node says of a service. */
export interface Described {
  /** as it is to be named from now on */
  name: string
  service: string
  version: string
  /** user ID in whose name is called here */
  user: string
  functions: FunctionInfo[]
}

/** A function of a service, and its arguments. */
export interface Asked {
  target: Described
  method: string
  args: Json[]
}

export type Answer = { readonly [key: string]: unknown }

/** The way to a node. All of it rejects with AmigoError; answers are as the local API has them, values encoded (specs/api.md). */
export interface Connection {
  describe(name: string, options: Waiting): Promise<Described>
  call(asked: Asked, options: CallOptions): Promise<Answer>
  query(asked: Asked, options: QueryOptions): Promise<Answer>
  stream(asked: Asked, options: QueryOptions): AsyncIterableIterator<Answer>
  subscribe(target: Described, options: SubscribeOptions): AsyncIterableIterator<Answer>
}
