import { createHash } from 'node:crypto'
import { HOME_RECORD_NAMESPACE, MAX_QUERY_VALUES, NODE_RECORD_NAMESPACE } from '../constants.ts'
import type { RegistryErrorCode } from '../errors.ts'
import { IPNS_NAMESPACE } from '../ipns/constants.ts'
import { verifyIpns } from '../ipns/record.ts'
import { createSeen, type SeenInit, type Sighting, type Verdict } from '../seen.ts'
import type { Memory } from '../types.ts'
import { verifyNodeRecord } from './node-record.ts'
import { verifyHomeRecord } from './record.ts'
import { type RecordContext, refusal } from './signed.ts'
import type { Validation } from './types.ts'

export interface ValidationComponents {
  memory: Memory
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
}

export interface ValidationInit extends SeenInit {
  /** records of other networks are refused */
  networkId: string
}

/** Reads and judges the bytes of a record, and says what of it is remembered. */
type Judge<R> = (value: Uint8Array, context: RecordContext) => Promise<{ record: R; sighting: Sighting }>

const judgeHome = async (value: Uint8Array, context: RecordContext) => {
  const record = await verifyHomeRecord(value, context)
  return { record, sighting: { ...record, id: record.user } }
}

const judgeNode = async (value: Uint8Array, context: RecordContext) => {
  const record = await verifyNodeRecord(value, context)
  return { record, sighting: { id: record.node, seq: record.seq, expires: record.expires } }
}

/** A name of its own in the memory: an IPNS record and a home record of one user may have the same sequence. */
const judgeIpns = async (value: Uint8Array, context: RecordContext) => {
  const record = await verifyIpns(value, context)
  return { record, sighting: { id: `ipns/${record.user}`, seq: record.seq, expires: record.expires } }
}

const REFUSED: Record<Exclude<Verdict, 'admitted'>, [RegistryErrorCode, string]> = {
  stale: ['RECORD_STALE', 'a newer one was seen before'],
  conflict: ['RECORD_CONFLICT', 'another one of the same sequence was seen before, and its hash is higher'],
  forked: ['RECORD_FORKED', 'its chain of keys is another one than the one that was seen before'],
}

/**
 * The one judge of home and node records on this node. kad-dht stores whatever its validator lets pass, older over newer too, so the
 * validator itself remembers the highest sequence; give the same object to the DHT and to the registry.
 */
export function createValidation({ memory, now = Date.now }: ValidationComponents, init: ValidationInit): Validation {
  const seen = createSeen(memory, init)

  const accept =
    <R>(judge: Judge<R>) =>
    async (key: Uint8Array, value: Uint8Array): Promise<R> => {
      const { record, sighting } = await judge(value, { key, network: init.networkId, now: now() })
      const verdict = await seen.admit(sighting, createHash('sha256').update(value).digest(), now())
      if (verdict === 'admitted') return record
      throw refusal(...REFUSED[verdict])
    }

  const select =
    <R>(judge: Judge<R>) =>
    async (key: Uint8Array, values: Uint8Array[]): Promise<number> => {
      let best: { index: number; rank: number[]; value: Uint8Array } | undefined
      for (const [index, value] of values.slice(0, MAX_QUERY_VALUES).entries()) {
        const judged = await judge(value, { key, network: init.networkId, now: now() }).catch(() => undefined)
        if (judged === undefined) continue
        const rank = [judged.sighting.keys?.length ?? 0, judged.sighting.seq]
        if (best === undefined || isAbove(rank, value, best)) best = { index, rank, value }
      }
      return best?.index ?? 0
    }

  const [acceptHome, acceptNode, acceptIpns] = [accept(judgeHome), accept(judgeNode), accept(judgeIpns)]
  return {
    acceptHome,
    acceptNode,
    acceptIpns,
    highest: (id) => seen.highest(id),
    validators: {
      [HOME_RECORD_NAMESPACE]: async (key, value) => void (await acceptHome(key, value)),
      [NODE_RECORD_NAMESPACE]: async (key, value) => void (await acceptNode(key, value)),
      [IPNS_NAMESPACE]: async (key, value) => void (await acceptIpns(key, value)),
    },
    selectors: {
      [IPNS_NAMESPACE]: select(judgeIpns),
      [HOME_RECORD_NAMESPACE]: select(judgeHome),
      [NODE_RECORD_NAMESPACE]: select(judgeNode),
    },
  }
}

/** The order in which the memory of sequences has them: key links, sequence, hash. */
function isAbove(rank: number[], value: Uint8Array, best: { rank: number[]; value: Uint8Array }): boolean {
  const at = rank.findIndex((number, index) => number !== best.rank[index])
  if (at >= 0) return rank[at]! > best.rank[at]!
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  return Buffer.compare(hash(value), hash(best.value)) > 0
}
