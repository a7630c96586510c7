/** What a witness does: it signs beside the hub what it has itself found in the book, and keeps the proof when the hub lies. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Handler } from '../../protocol/types.ts'
import { equalBytes } from '../../registry/codec.ts'
import { coSignName, decodeName, verifyUnwitnessed } from '../../registry/names/name-record.ts'
import type { NameRecord, Registrars, Signature } from '../../registry/names/types.ts'
import { createSerial } from '../../registry/serial.ts'
import { CallsError } from '../calls/errors.ts'
import { peerIdOf } from '../calls/remote/peer-id-of.ts'
import { badRequest, isBytes, reader } from '../calls/remote/wire.ts'
import type { Ask } from '../calls/run/question.ts'
import type { Identity } from '../calls/types.ts'
import type { Commit } from '../store/commit-types.ts'
import type { Meta } from '../store/database-types.ts'
import type { History } from '../store/types.ts'
import type { BookCopy } from './book-copy.ts'
import { differenceOf } from './entry.ts'
import { lookUp } from './listed.ts'
import { isProof, type Proofs } from './proofs.ts'

const BOOK_KEY = 'hub/witness/book'

/** How far the book was found in order here. */
interface Standing {
  book: CID
  commit: CID
  seq: number
}

export interface WitnessParts {
  identity: Identity
  network: Registrars
  meta: Pick<Meta, 'get' | 'put'>
  history: Pick<History, 'at' | 'log' | 'head'>
  copy: BookCopy
  ask: Ask
  /** the contract that the book has to be made of */
  contract: () => Promise<CID>
  proofs: Proofs
  now: () => number
  log: (line: string) => void
}

/** The internode method `co-sign { record } -> { key, sig }`. */
export function createCoSign(parts: WitnessParts): Handler {
  const { identity, network, meta, history, copy, ask, contract, proofs, now, log } = parts
  const turn = createSerial()

  const standing = async (): Promise<Standing | undefined> => {
    const bytes = await meta.get(BOOK_KEY)
    return bytes === undefined ? undefined : dagCbor.decode(bytes)
  }

  /** One book for good, which only ever grows, and runs no other code than ours. */
  const follow = async (record: NameRecord, signal: AbortSignal): Promise<Commit> => {
    const before = await standing()
    if (before !== undefined && !before.book.equals(record.book)) {
      const message = `The book of this network is ${before.book}, not ${record.book}.`
      throw new CallsError('BOOK_REPLACED', message, 'a hub has one book for good: tell whoever runs it')
    }
    const commit = await copy.upTo(record.book, record.commit, { signal })
    if (before !== undefined && !(await history.at(record.book, before.seq))?.equals(before.commit))
      throw gaveUp(before)
    if (commit.seq > (before?.seq ?? -1)) {
      await checkCourse(commit, record, before?.seq ?? -1, await contract(), signal)
      await meta.put(BOOK_KEY, dagCbor.encode({ book: record.book, commit: record.commit, seq: commit.seq }))
    }
    return commit
  }

  const checkCourse = async (upTo: Commit, record: NameRecord, known: number, ours: CID, signal: AbortSignal) => {
    const [hub] = network.registrars
    for await (const commit of history.log(record.book, { from: record.commit, limit: upTo.seq - known })) {
      signal.throwIfAborted()
      if (!HONEST.has(commit.kind) || peerIdOf(commit.host) !== hub)
        throw gaveUp({ seq: commit.seq, commit: commit.cid, book: record.book })
      if (!commit.contract.equals(ours)) {
        const message = `Commit ${commit.seq} of the book runs other code than this release brings along.`
        throw new CallsError('BOOK_CODE_UNKNOWN', message, 'the hub and its witnesses have to run the same release')
      }
    }
  }

  /** Two bodies under one sequence are never signed, whatever the book says. */
  const noteSequence = async ({ username, seq }: NameRecord, body: Uint8Array): Promise<void> => {
    const key = `hub/witness/name/${username}`
    const bytes = await meta.get(key)
    const before = bytes === undefined ? undefined : dagCbor.decode<{ seq: number; body: Uint8Array }>(bytes)
    if (before !== undefined && (seq < before.seq || (seq === before.seq && !equalBytes(before.body, body)))) {
      const message = `A record of ${username} with sequence ${before.seq} was signed before.`
      throw new CallsError('RECORD_CONFLICT', message, 'the hub has to use a sequence once')
    }
    await meta.put(key, dagCbor.encode({ seq, body }))
  }

  const sign = async (bytes: Uint8Array, signal: AbortSignal): Promise<Signature> => {
    const { record: decoded, body } = decodeName(bytes)
    const record = await verifyUnwitnessed(bytes, { username: decoded.username, network, now: now() })
    try {
      const commit = await follow(record, signal)
      const isHead = (await history.head(record.book))?.commit.equals(record.commit)
      const at = isHead ? {} : { at: record.commit }
      const listed = await lookUp(
        ask,
        { book: record.book, username: record.username, ...at },
        { from: 'local', signal },
      )
      const difference = differenceOf(record, listed)
      if (difference !== undefined) {
        const message = `The book says otherwise at commit ${commit.seq}: ${difference}.`
        throw new CallsError('RECORD_CONFLICT', message, 'the hub signed what its book does not say')
      }
      await noteSequence(record, body)
      return await coSignName(identity.node, bytes)
    } catch (error) {
      if (!isProof(error)) throw error
      await proofs.keep(bytes, error)
      log(`the hub was caught lying about ${record.username}: ${(error as Error).message}`)
      throw error instanceof CallsError
        ? error
        : new CallsError('BOOK_REPLACED', (error as Error).message, 'the hub shows two histories')
    }
  }

  return async (body, { peer, signal }) => {
    if (peer !== network.registrars[0])
      throw new CallsError(
        'ACCESS_DENIED',
        'Only the hub of this network may ask for that.',
        'ask the hub for the name',
      )
    const record = reader(body, badRequest)('record', isBytes)
    // one history is brought here once at a time
    return turn('book', () => sign(record, signal))
  }
}

/** Kinds of commits that take nothing back. */
const HONEST: ReadonlySet<string> = new Set(['genesis', 'step', 'upgrade'])

function gaveUp({ seq, commit }: Standing): CallsError {
  const message = `The book goes back behind commit ${seq} (${commit}).`
  return new CallsError(
    'BOOK_REPLACED',
    message,
    'what was registered once may not be taken back: tell whoever runs the hub',
  )
}
