/** The hub's part: signs for each name what the book says, once that is durable. See specs/names.md, "The hub". */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { MAX_NAME_LIFETIME_MS } from '../../registry/names/constants.ts'
import { decodeName, signName } from '../../registry/names/name-record.ts'
import type { NameRecord } from '../../registry/names/types.ts'
import { createSerial } from '../../registry/serial.ts'
import type { Ask } from '../calls/run/question.ts'
import type { Identity } from '../calls/types.ts'
import type { Meta } from '../store/database-types.ts'
import { RENEW_LEFT_MS } from './constants.ts'
import { type Listed, lookUp } from './listed.ts'
import type { HubAnswer } from './types.ts'

const SEQUENCE_KEY = 'hub/seq'

export interface RegistrarParts {
  identity: Identity
  /** the book, once it runs */
  book: () => Promise<CID>
  ask: Ask
  meta: Pick<Meta, 'get' | 'put'>
  /** Gets the signatures of witnesses. */
  coSign: (record: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>
  now: () => number
}

export interface Registrar {
  /** @param asking whose turn it takes */
  nameOf(username: string, asking: { from: string; signal: AbortSignal }): Promise<HubAnswer>
}

export function createRegistrar({ identity, book, ask, meta, coSign, now }: RegistrarParts): Registrar {
  const turn = createSerial()

  /** Above everything used here, and the clock; on disk before it is used. */
  const takeSequence = (): Promise<number> =>
    turn(SEQUENCE_KEY, async () => {
      const used = await meta.get(SEQUENCE_KEY)
      const seq = Math.max(now(), (used === undefined ? 0 : dagCbor.decode<number>(used)) + 1)
      await meta.put(SEQUENCE_KEY, dagCbor.encode(seq))
      return seq
    })

  const issue = async (service: CID, username: string, listed: Listed, options: { signal: AbortSignal }) => {
    const issued = now()
    const isHeld = listed.state === 'held'
    const until = isHeld ? Math.min(listed.expires!, issued + MAX_NAME_LIFETIME_MS) : issued + MAX_NAME_LIFETIME_MS
    const byHub = await signName(identity.node, {
      network: identity.network.id,
      username,
      user: isHeld ? listed.user : null,
      seq: await takeSequence(),
      issued,
      expires: Math.max(until, issued + 1),
      book: service,
      commit: listed.commit,
    })
    const record = await coSign(byHub, options)
    await meta.put(nameKey(username), record)
    return record
  }

  return {
    nameOf: (username, asking) =>
      turn(`name/${username}`, async () => {
        const service = await book()
        const listed = await lookUp(ask, { book: service, username }, asking)
        const last = await meta.get(nameKey(username))
        const before = last === undefined ? undefined : decodeName(last).record
        if (before !== undefined && stillSays(before, listed, now())) return { record: last!, book: service }
        // nobody has to be told that nobody has what nobody had
        const isNews = listed.state === 'held' || (before !== undefined && before.user !== null)
        return { record: isNews ? await issue(service, username, listed, asking) : null, book: service }
      }),
  }
}

/** Whether a record says what the book says, and will for a while. */
function stillSays({ user, expires }: NameRecord, listed: Listed, now: number): boolean {
  if (listed.state !== 'held') return user === null && expires > now
  return user === listed.user && expires >= Math.min(now + RENEW_LEFT_MS, listed.expires!)
}

const nameKey = (username: string): string => `hub/name/${username}`
