/** What a witness signs, and what it does not, beside a real book. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { CID } from 'multiformats/cid'
import type { Identity } from '../../daemon/calls/types.ts'
import { createProofs, type Proof } from '../../daemon/hub/proofs.ts'
import { createRegistrar, type Registrar } from '../../daemon/hub/registrar.ts'
import { createCoSign } from '../../daemon/hub/witness.ts'
import {
  coSignName,
  decodeName,
  isCoSignature,
  joinSignatures,
  signName,
  verifyName,
} from '../../registry/names/name-record.ts'
import type { NameRecord, Registrars, Signature } from '../../registry/names/types.ts'
import { link } from '../registry/helpers.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'

const read = (file: string): string => readFileSync(new URL(`../../daemon/hub/book/${file}`, import.meta.url), 'utf8')
const MANIFEST = read('amigo.yaml').replace('main: book.ts', 'main: main.ts')
const DAY = 86_400_000
const signal = new AbortController().signal

describe('a witness', function () {
  this.timeout(30_000)
  let host: Host
  let book: CID
  let network: Registrars
  let witness: Identity
  let time: number
  /** what `upTo` throws, if it is to */
  let failure: unknown
  let coSign: (record: Uint8Array, peer?: string) => Promise<Signature>
  let registrar: Registrar
  let proofs: () => Promise<Proof[]>
  let contract: CID

  before(async () => {
    host = await startHost({ now: () => time })
  })
  after(() => host.stop())

  beforeEach(async () => {
    time = Date.parse('2026-11-21T12:00:00Z')
    failure = undefined
    witness = await newIdentity()
    network = { id: 'test', registrars: [host.identity.peerId, witness.peerId], required: 1 }
    book = await host.serve(read('book.ts'), { manifest: MANIFEST, as: `book-${Math.random().toString(36).slice(2)}` })
    contract = (await host.history.head(book))!.contract
    const { history, ask } = host
    const kept = new Map<string, Uint8Array>()
    const meta = {
      get: async (key: string) => kept.get(key),
      put: async (key: string, value: Uint8Array) => void kept.set(key, value),
      async *list(prefix: string) {
        for (const [key, value] of kept) if (key.startsWith(prefix)) yield { key, value }
      },
    }
    const store = createProofs(meta, () => time)
    proofs = store.all
    const handler = createCoSign({
      ...{ identity: witness, network, meta, history, ask, proofs: store },
      // the hub's own disk stands for the copy that was pulled from it
      copy: {
        async upTo(_book, commit) {
          if (failure !== undefined) throw failure
          return history.commit(commit)
        },
      },
      contract: async () => contract,
      now: () => time,
      log: () => {},
    })
    coSign = (record, peer = host.identity.peerId) => handler({ record }, { peer, signal }) as Promise<Signature>
    registrar = createRegistrar({
      ...{ identity: host.identity, book: async () => book, ask, meta, now: () => time },
      coSign: async (record) => joinSignatures(record, [await coSign(record)], network),
    })
  })

  const call = (method: string, ...args: string[]) => host.call(book, method, args)
  const nameOf = async (username: string): Promise<NameRecord | null> => {
    const { record } = await registrar.nameOf(username, { from: 'local', signal })
    return record && (await verifyName(record, { username, network, now: time }))
  }
  /** A record that the hub signs whatever its book says. */
  const lie = async (changes: Partial<NameRecord>): Promise<Uint8Array> => {
    const { commit } = (await host.history.head(book))!
    return signName(host.identity.node, {
      ...{ network: 'test', username: 'alice', user: host.identity.user, seq: time, issued: time },
      ...{ expires: time + DAY, book, commit, ...changes },
    })
  }
  const caught = async (record: Uint8Array, code: string): Promise<void> => {
    await assert.rejects(coSign(record), { code })
    const [proof] = (await proofs()).slice(-1)
    assert.deepEqual(Buffer.from(proof!.record), Buffer.from(record))
  }

  it('signs what the book says, through registration, renewal, transfer and release', async () => {
    const other = await newIdentity()
    assert.equal(await nameOf('alice'), null)
    await call('register', 'alice')
    const first = (await nameOf('alice'))!
    assert.equal(first.user, host.identity.user)
    assert.equal(first.expires, time + 30 * DAY)
    // the same record as long as it is good
    time += 14 * DAY
    assert.equal((await nameOf('alice'))!.seq, first.seq)
    time += 2 * DAY
    const second = (await nameOf('alice'))!
    assert.ok(second.seq > first.seq)
    time += 340 * DAY
    assert.equal((await nameOf('alice'))!.expires, first.issued + 365 * DAY, 'no longer than the book holds it')
    await call('renew', 'alice')
    assert.equal((await nameOf('alice'))!.expires, time + 30 * DAY)
    await call('transfer', 'alice', other.user)
    assert.equal((await nameOf('alice'))!.user, other.user)
    time += 366 * DAY
    assert.equal((await nameOf('alice'))!.user, null, 'it has expired')
    assert.deepEqual(await proofs(), [])
  })

  it('signs that a name was given up', async () => {
    await call('register', 'alice')
    await nameOf('alice')
    await call('release', 'alice')
    const gone = (await nameOf('alice'))!
    assert.equal(gone.user, null)
    assert.equal((await nameOf('alice'))!.seq, gone.seq)
  })

  it('signs for the hub alone, and only what the hub signed', async () => {
    await call('register', 'alice')
    await assert.rejects(coSign(await lie({}), witness.peerId), { code: 'ACCESS_DENIED' })
    const byWitness = await signName(witness.node, { ...decodeName(await lie({})).record })
    await assert.rejects(coSign(byWitness), { code: 'RECORD_UNKNOWN_REGISTRAR' })
    await assert.rejects(coSign(Buffer.from('noise')), { code: 'RECORD_INVALID' })
    await assert.rejects(coSign(await lie({ network: 'other' })), { code: 'RECORD_WRONG_NETWORK' })
    await assert.rejects(coSign(await lie({ issued: time + DAY, expires: time + 2 * DAY })), {
      code: 'RECORD_FROM_FUTURE',
    })
    assert.deepEqual(await proofs(), [])
  })

  it('keeps the proof when the hub signs what its book does not say', async () => {
    await call('register', 'alice')
    const other = await newIdentity()
    await caught(await lie({ user: other.user }), 'RECORD_CONFLICT')
    await caught(await lie({ user: null }), 'RECORD_CONFLICT')
    await caught(await lie({ username: 'nobody' }), 'RECORD_CONFLICT')
    time += 360 * DAY
    await caught(await lie({ expires: time + 20 * DAY }), 'RECORD_CONFLICT')
  })

  it('signs no two bodies of one sequence', async () => {
    await call('register', 'alice')
    await coSign(await lie({ seq: 5 }))
    await coSign(await lie({ seq: 5 }))
    await caught(await lie({ seq: 5, expires: time + 2 * DAY }), 'RECORD_CONFLICT')
    await caught(await lie({ seq: 4 }), 'RECORD_CONFLICT')
    await coSign(await lie({ seq: 6 }))
  })

  it('knows one book for good, and no commit that is not its', async () => {
    await call('register', 'alice')
    await coSign(await lie({}))
    const second = await host.serve(read('book.ts'), { manifest: MANIFEST, as: 'second-book' })
    const { commit } = (await host.history.head(second))!
    await caught(await lie({ book: second, commit, seq: time + 1 }), 'BOOK_REPLACED')
    failure = Object.assign(new Error('two histories'), { code: 'EQUIVOCATION', cids: [link('a'), link('b')] })
    await assert.rejects(coSign(await lie({ seq: time + 2 })), { code: 'BOOK_REPLACED' })
    const [, proof] = await proofs()
    assert.deepEqual([proof!.code, proof!.commits.length], ['EQUIVOCATION', 2])
  })

  it('does not call it a lie when it could not look', async () => {
    await call('register', 'alice')
    failure = Object.assign(new Error('away'), { code: 'PEER_UNREACHABLE' })
    await assert.rejects(coSign(await lie({})), { code: 'PEER_UNREACHABLE' })
    failure = undefined
    contract = link('other code')
    await assert.rejects(coSign(await lie({})), { code: 'BOOK_CODE_UNKNOWN' })
    assert.deepEqual(await proofs(), [])
  })

  it('signs nothing that anybody else could have signed for it', async () => {
    await call('register', 'alice')
    const record = await lie({})
    const signature = await coSign(record)
    assert.ok(await isCoSignature(record, witness.peerId, signature))
    assert.ok(!(await isCoSignature(record, host.identity.peerId, signature)))
    const mallory = await newIdentity()
    const forged = { key: signature.key, sig: (await coSignName(mallory.node, record)).sig }
    assert.ok(!(await isCoSignature(record, witness.peerId, forged)))
  })
})
