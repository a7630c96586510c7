/** What is asked of a service, and how it is answered. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { ImportAnswer, Ask as ImportAsk } from '../../vm/types.ts'
import type { Answered, Asking } from '../types.ts'

export interface Question {
  service: CID
  method: string
  args: Uint8Array
  /** user ID, or service ID of the service that asks; the empty string for who did not sign */
  caller: string
  /** of a service that asks: the user ID of its owner, and in whose course it asks, by its host's word */
  callerOwner?: string | undefined
  origin?: string | undefined
  chain?: readonly string[] | undefined
  gas?: bigint | undefined
  /** a commit of the service, @default its head */
  at?: CID | undefined
}

/** @throws CallsError ACCESS_DENIED, and whatever went wrong */
export type Ask = (question: Question, asking: Asking) => Promise<Answered>

/** A query that asks other services: of which service, and what. */
export interface Asked {
  question: Question
  contract: Contract
  /** user ID of its owner */
  owner: string
}

/** What a query asks of other services, which are asked for nothing but an answer. */
export type AnswerQueries = (asked: Asked, asks: readonly ImportAsk[], asking: Asking) => Promise<ImportAnswer[]>
