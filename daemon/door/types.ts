/** What programs in browsers may ask of this node. See specs/client.md, "Browsers". */
import type { FunctionSummary, Items, Json, Methods } from '../api/vocabulary.ts'

/** In whose name is asked: a user of whom this node has no key. */
export interface Claim {
  /** user ID */
  user: string
  /** what the user signed for this service and this node (specs/internode.md, section 12) */
  grant: Uint8Array
}

export interface ProgramQuestion {
  name: string
  method: string
  args: Json[]
  gas?: number | undefined
  at?: string | undefined
  /** @default somebody who did not sign */
  as?: Claim | undefined
}

/** What a program has to know to sign, and to ask. */
export interface ProgramDescription {
  name: string
  service: string
  version: string
  /** ID of the network */
  network: string
  /** of this node: whom grants are for */
  peerId: string
  /** null for who may do nothing with the service */
  functions: FunctionSummary[] | null
}

type Waiting = { signal: AbortSignal }
type Telling<T> = Waiting & { onItem: (item: T) => Promise<void> }

/** The use cases behind the door. Whoever asks is a stranger: nothing is done in the name of this node's user. */
export interface ProgramSource {
  describe(asked: { name: string; as?: Claim | undefined }, options: Waiting): Promise<ProgramDescription>
  /** Where a service stands: the sequence number of its newest commit. */
  head(asked: { name: string; as?: Claim | undefined }, options: Waiting): Promise<{ seq: number }>
  /** @param asked.envelope signed by whoever calls */
  call(
    asked: { name: string; envelope: Uint8Array },
    options: Waiting,
  ): Promise<Omit<Methods['call']['result'], 'trace'>>
  query(asked: ProgramQuestion, options: Waiting): Promise<Omit<Methods['query']['result'], 'trace'>>
  stream(asked: ProgramQuestion, options: Telling<Items['stream']>): Promise<{ items: number }>
  subscribe(
    asked: { name: string; from?: number | undefined; as?: Claim | undefined },
    options: Telling<Items['subscribe']>,
  ): Promise<{ items: number }>
}
