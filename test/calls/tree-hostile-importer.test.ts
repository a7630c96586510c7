/** Nodes that speak in the name of services: only the host of one does, and only within what the one it asks gives. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { grantOf } from '../../daemon/calls/remote/grant.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { handoverBytes } from '../../daemon/store/signed-bytes.ts'
import { signCall, signQuery } from '../../protocol/signed/envelope.ts'
import type { Via } from '../../protocol/types.ts'
import { resultOf } from '../support/host.ts'
import { pullInto } from './lifecycle-kit.ts'
import { COUNTER } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const { signal } = new AbortController()
const idOf = async (text: string): Promise<CID> => CID.createV1(dagCbor.code, await sha256.digest(Buffer.from(text)))

describe('a node that calls in the name of a service', () => {
  let peers: Peers
  let home: Peer
  let eve: Peer
  let far: CID
  let hers: CID
  let others: CID

  before(async () => {
    peers = createPeers()
    ;[home, eve] = [await peers.join(), await peers.join()]
    const third = await peers.join()
    far = await home.serve('far', COUNTER)
    hers = await eve.serve('hers', COUNTER)
    others = await third.serve('others', COUNTER)
  })
  after(() => peers.stop())

  const proofOf = async (service: CID): Promise<Uint8Array[]> => {
    const known = [...peers.directory.values()].find((one) => one.service.equals(service))!
    return [(await known.home.executedBefore.hosts(service, 0)).genesis]
  }
  const viaOf = async (service: CID, more: Partial<Via> = {}): Promise<Via> => ({
    ...{ origin: eve.host.identity.user, tree: randomBytes(32), chain: [service], proof: await proofOf(service) },
    ...more,
  })
  const signed = (via: Via, by = eve, method = 'add', args: (string | number)[] = [1]): Promise<Uint8Array> => {
    const { network, node } = by.host.identity
    const sign = method.startsWith('@') ? signQuery : signCall
    const call = { network: network.id, service: far, method, args: encodeArguments(args), nonce: randomBytes(16) }
    return sign({ ...call, ttlMs: 60_000, gas: 0, via }, node)
  }
  const send = async (envelope: Uint8Array, tree?: object): Promise<unknown> => {
    const body = { envelope, ...(tree && { tree }) }
    const answer = (await eve.node.internode.request(home.node.peer, 'call', body, { signal })) as {
      result: Uint8Array
    }
    return resultOf(answer)
  }
  const read = async (): Promise<number> => (await home.host.query(far, 'read')) as number

  it('may, as the host of it', async () => {
    const before = await read()
    assert.equal(await send(await signed(await viaOf(hers))), before + 1)
    const who = { caller: `${hers}`, origin: eve.host.identity.user, chain: [`${hers}`] }
    assert.deepEqual(await home.host.query(far, 'who'), who)
  })

  it('may leave out what is left to it, as null', async () => {
    const before = await read()
    const body = { envelope: await signed(await viaOf(hers)), tree: null }
    await eve.node.internode.request(home.node.peer, 'call', body, { signal })
    assert.equal(await read(), before + 1)
  })

  const FORGED: Record<string, { via: () => Promise<Via>; code: string }> = {
    'of which it is not the host': { via: () => viaOf(others), code: 'SIGNATURE_INVALID' },
    'with the proof of another': {
      via: async () => viaOf(others, { proof: await proofOf(hers) }),
      code: 'SIGNATURE_INVALID',
    },
    'with a proof that is none': {
      via: () => viaOf(hers, { proof: [randomBytes(100)] }),
      code: 'SIGNATURE_INVALID',
    },
    'with a handover that is none': {
      via: async () => viaOf(hers, { proof: [...(await proofOf(hers)), ...(await proofOf(others))] }),
      code: 'SIGNATURE_INVALID',
    },
    'that calls itself': { via: async () => viaOf(hers, { chain: [far, hers] }), code: 'CALL_CYCLE' },
  }
  for (const [name, { via, code }] of Object.entries(FORGED)) {
    it(`is refused: ${name}`, async () => {
      const before = await read()
      await assert.rejects(async () => send(await signed(await via())), { code })
      assert.equal(await read(), before)
    })
  }

  it('is refused with a chain that nobody can have', async () => {
    const before = await read()
    const many = await Promise.all(Array.from({ length: 16 }, (_, i) => idOf(`service ${i}`)))
    for (const chain of [[hers, hers], [...many, hers], [many[0]!, many[0]!, hers], []]) {
      const via = await viaOf(hers, { chain })
      await assert.rejects(async () => send(await signed(via)), { code: 'ENVELOPE_INVALID' })
    }
    assert.equal(await read(), before)
    const via = await viaOf(hers, { chain: [...many.slice(0, 15), hers] })
    assert.equal(await send(await signed(via)), before + 1)
  })

  it('has the time and the gas that it says are left, and no more than there is', async () => {
    const before = await read()
    const now = Date.now()
    const usual = { time: now, most: 2_000_000_000, ms: 10_000 }
    const good = [{ time: now + 10 ** 12 }, { time: 0 }, { ms: 10 ** 15 }, { most: Number.MAX_SAFE_INTEGER }]
    for (const more of good) await send(await signed(await viaOf(hers)), { ...usual, ...more })
    assert.equal(await read(), before + good.length)
    const refused = [
      [{ most: 0 }, 'OUT_OF_GAS'],
      [{ ms: 0 }, 'TIMED_OUT'],
      [{ most: -1 }, 'REQUEST_FIELD_INVALID'],
      [{ ms: 0.5 }, 'REQUEST_FIELD_INVALID'],
      [{ time: 'now' }, 'REQUEST_FIELD_INVALID'],
    ] as const
    for (const [more, code] of refused) {
      await assert.rejects(async () => send(await signed(await viaOf(hers)), { ...usual, ...more }), { code })
    }
    assert.equal(await read(), before + good.length)
  })

  describe('or asks', () => {
    const body = { method: 'read', args: encodeArguments([]), gas: null, at: null }
    const ask = async (more: object): Promise<unknown> =>
      resultOf(
        (await eve.node.internode.request(home.node.peer, 'query', { ...body, service: far, ...more }, { signal })) as {
          result: Uint8Array
        },
      )
    const grant = async (service: CID, peer = eve): Promise<Uint8Array> => {
      const { method, args } = grantOf('query', peer.node.peer)
      return signed(await viaOf(service), eve, method, args)
    }
    const course = (...chain: CID[]): object => ({ via: { origin: eve.host.identity.user, chain } })

    it('may, with a grant of its own', async () => {
      const n = await read()
      await assert.rejects(ask({ caller: `${hers}`, ...course(hers) }), { code: 'GRANT_NEEDED' })
      assert.equal(await ask({ caller: `${hers}`, ...course(hers), envelope: await grant(hers) }), n)
      assert.equal(await ask({ caller: `${hers}`, ...course(others, hers) }), n)
    })

    it('is refused in the name of another service, or with the grant of another node', async () => {
      const forged = await grant(others)
      await assert.rejects(ask({ caller: `${others}`, ...course(others), envelope: forged }), {
        code: 'SIGNATURE_INVALID',
      })
      const foreign = await grant(hers, home)
      await assert.rejects(ask({ caller: `${others}`, ...course(others), envelope: foreign }), {
        code: 'ACCESS_DENIED',
      })
      await assert.rejects(ask({ caller: `${others}`, ...course(others), envelope: await grant(hers) }), {
        code: 'ACCESS_DENIED',
      })
    })

    it('is refused with a course that is not its own', async () => {
      const of = { caller: `${hers}`, envelope: await grant(hers) }
      for (const via of [
        {},
        course(others),
        course(hers, others),
        course(hers, hers),
        { via: { origin: 1, chain: [] } },
      ]) {
        await assert.rejects(ask({ ...of, ...via }), { code: 'REQUEST_FIELD_INVALID' })
      }
      await assert.rejects(ask({ ...of, ...course(far, hers) }), { code: 'CALL_CYCLE' })
    })
  })

  it('no longer, once another is known to be its host', async () => {
    const given = await eve.serve('given', COUNTER)
    const before = await read()
    const old = await viaOf(given)
    const { method, args } = grantOf('query', eve.node.peer)
    const grant = await signed(old, eve, method, args)
    const via = { origin: eve.host.identity.user, chain: [given] }
    const question = {
      service: far,
      method: 'read',
      args: encodeArguments([]),
      gas: null,
      at: null,
      caller: `${given}`,
      via,
    }
    const asks = (more: object = {}): Promise<unknown> =>
      eve.node.internode.request(home.node.peer, 'query', { ...question, ...more }, { signal })
    await asks({ envelope: grant })
    assert.equal(await send(await signed(old)), before + 1)
    // a third node goes on with it, by the word of its owner
    const third = await peers.join()
    const { commit } = await pullInto(third.host, eve.host, given)
    const { node } = third.host.identity
    const { owner } = eve.host.identity
    const order = { service: given, parent: commit, epoch: 1, host: node.publicKey }
    const handover = { owner: owner.publicKey, sig: await owner.sign(handoverBytes(order)) }
    await third.host.history.takeOver(given, { parent: commit, handover, time: Date.now() })
    // nobody here has heard of it yet
    assert.equal(await send(await signed(old)), before + 2)
    const { genesis, handovers } = await third.host.executedBefore.hosts(given, 1)
    const now = await viaOf(given, { proof: [genesis, ...handovers] })
    assert.equal(await send(await signed(now, third)), before + 3)
    await assert.rejects(async () => send(await signed(old)), { code: 'ACCESS_DENIED' })
    assert.equal(await read(), before + 3)
    await assert.rejects(asks(), { code: 'GRANT_NEEDED' })
    await assert.rejects(asks({ envelope: grant }), { code: 'ACCESS_DENIED' })
  })
})
