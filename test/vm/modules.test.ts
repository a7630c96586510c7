import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { contentCid } from '../../daemon/vm/machine/content-cid.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { CONTENT_GAS, HOST_CALL_GAS, SHA256_BYTE_GAS, SHA256_GAS, SIGNATURE_GAS } from '../../daemon/vm/prices.ts'
import type { Outcome } from '../../daemon/vm/types.ts'
import { bytes, end, loadTestEngine, machineOf, message, type RequestOptions, request, TIME } from './kit.ts'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const run = (machine: Machine, method: string, args: unknown[] = [], options: RequestOptions = {}): Outcome =>
  machine.query(request(method, args, options))

describe('vm/modules: amigos:context', () => {
  let machine: Machine
  before(() => {
    machine = machineOf(
      engine,
      `import * as c from 'amigos:context'
       export const when = () => [c.time(), c.time() instanceof Date]
       export const gas = () => { const before = c.gasLeft(); return [before > 0n, c.gasLeft() < before, typeof before] }
       export const left = () => c.gasLeft()
       export const draw = () => [c.random(), Math.random()]
       export const some = n => c.randomBytes(n)`,
    )
  })

  it('knows time and gas', () => {
    assert.equal(end(run(machine, 'when')), `[{"/":{"date":"${new Date(TIME).toISOString()}"}},true]`)
    assert.equal(end(run(machine, 'gas')), '[true,true,"bigint"]')
    const left = (gas: bigint) => BigInt(JSON.parse(end(run(machine, 'left', [], { limits: { gas } })))['/'].bigint)
    assert.equal(left(2_000_000n) - left(1_000_000n), 1_000_000n)
  })

  it('draws from the seed of the call, the same for the same', () => {
    const other = { context: { seed: new Uint8Array(32).fill(1) } }
    assert.equal(end(run(machine, 'draw')), end(run(machine, 'draw')))
    assert.notEqual(end(run(machine, 'draw')), end(run(machine, 'draw', [], other)))
    assert.notEqual(end(run(machine, 'some', [8])), end(run(machine, 'some', [8], other)))
    const [first, second] = JSON.parse(end(run(machine, 'draw')))
    assert.notEqual(first, second)
    assert.equal(end(run(machine, 'some', [0])), '{"/":{"bytes":""}}')
    assert.equal(
      Buffer.from(
        JSON.parse(end(run(machine, 'some', [65536], { limits: { resultBytes: 2 ** 20 } })))['/'].bytes,
        'base64',
      ).length,
      65536,
    )
    for (const length of [-1, 65537, 0.5, Number.NaN, '1', null])
      assert.match(message(run(machine, 'some', [length])), /^RangeError/)
  })
})

describe('vm/modules: amigos:events', () => {
  let machine: Machine
  before(() => {
    machine = machineOf(
      engine,
      `import { emit } from 'amigos:events'
       let n = 0
       export const say = (name, value) => { n++; emit(name, value) }
       export const many = (count, size) => { let done = 0; try { for (; done < count; done++) emit('e', 'x'.repeat(size)) } catch (e) { return [done, e instanceof RangeError] } return done }
       export const fail = () => { emit('lost'); throw new Error('no') }
       export const odd = js => emit('e', (0, eval)(js))
       export const again = () => emit('outer', { get a() { emit('inner', 1); return 2 } })`,
    )
  })
  const events = (outcome: Outcome) =>
    outcome.ok ? outcome.events.map(({ name, value }) => [name, new TextDecoder().decode(value)]) : end(outcome)

  it('are part of the outcome, in order', () => {
    assert.deepEqual(events(machine.call(request('say', ['sold', new Map([[1, 2n]])])).outcome), [
      ['sold', '{"/":{"map":[[1,{"/":{"bigint":"2"}}]]}}'],
    ])
    assert.deepEqual(events(run(machine, 'say', ['é\u{1F600}'])), [['é\u{1F600}', 'null']])
    assert.deepEqual(events(run(machine, 'again')), [
      ['inner', '1'],
      ['outer', '{"a":2}'],
    ])
    assert.deepEqual(events(run(machine, 'many', [0, 0])), [])
  })

  it('are lost with a call that fails', () => {
    const outcome = run(machine, 'fail')
    assert.equal(end(outcome), 'CONTRACT_THREW')
    assert.equal('events' in outcome, false)
    assert.deepEqual(events(run(machine, 'many', [1, 1])), [['e', '"x"']])
  })

  it('are bounded in number and size', () => {
    assert.equal(end(run(machine, 'many', [100, 1])), '100')
    assert.equal(end(run(machine, 'many', [101, 1])), '[100,true]')
    assert.equal(end(run(machine, 'many', [1, 65533])), '1')
    assert.equal(end(run(machine, 'many', [1, 65534])), '[0,true]')
    assert.equal(end(run(machine, 'many', [1, 1e6])), '[0,true]')
  })

  it('carry values only, under a short name', () => {
    for (const js of ['() => 1', 'Symbol()', 'let a = []; a[0] = a', 'Promise.resolve()'])
      assert.match(message(run(machine, 'odd', [js])), /^TypeError: the event cannot be sent/)
    assert.match(message(run(machine, 'odd', ['({ get a() { throw new Error("mine") } })'])), /^Error: mine/)
    assert.deepEqual(
      events(run(machine, 'odd', ['({ toJSON() { throw 1 }, __proto__: null, ["__proto__"]: 3, toJSON: undefined })'])),
      [['e', '{"__proto__":3}']],
    )
    for (const name of ['', 'x'.repeat(65), 1, null]) assert.match(message(run(machine, 'say', [name])), /^TypeError/)
  })
})

describe('vm/modules: amigos:crypto', () => {
  let machine: Machine
  before(() => {
    machine = machineOf(
      engine,
      `import { sha256, verify } from 'amigos:crypto'
       export const digest = data => sha256(data).toHex()
       export const check = (k, m, s) => verify(k, m, s)
       export const part = () => sha256(new Uint8Array([9, 97, 98, 99, 9]).subarray(1, 4)).toHex()
       export const odd = () => { Uint8Array.prototype.constructor = null; Object.defineProperty(Uint8Array.prototype, 'buffer', { get() { throw 1 } }); return sha256(Uint8Array.of(97, 98, 99)).toHex() }`,
    )
  })

  it('hashes bytes and text', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    for (const data of ['abc', bytes('abc')]) assert.equal(end(run(machine, 'digest', [data])), `"${abc}"`)
    assert.equal(end(run(machine, 'part')), `"${abc}"`)
    assert.equal(end(run(machine, 'odd')), `"${abc}"`)
    assert.equal(
      end(run(machine, 'digest', [''])),
      '"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
    )
    assert.equal(end(run(machine, 'digest', [new Uint8Array(0)])), end(run(machine, 'digest', [''])))
    for (const data of [1, null, [1], {}]) assert.match(message(run(machine, 'digest', [data])), /^TypeError/)
  })

  it('charges for each byte, and for each signature', () => {
    const costs = (length: number) => run(machine, 'digest', [new Uint8Array(length)]).gas
    assert(costs(11_000) - costs(1_000) > 10_000n * SHA256_BYTE_GAS)
    assert(run(machine, 'check', [new Uint8Array(32), new Uint8Array(0), new Uint8Array(64)]).gas > SIGNATURE_GAS)
  })

  it('checks Ed25519, strictly', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
    const text = bytes('message')
    const good = sign(null, text, privateKey)
    const check = (k: Uint8Array, m: Uint8Array, s: Uint8Array) =>
      end(
        run(
          machine,
          'check',
          [k, m, s].map((b) => Uint8Array.from(b)),
        ),
      )
    assert.equal(check(key, text, good), 'true')
    assert.equal(check(key, bytes('other'), good), 'false')
    assert.equal(check(key.subarray(1), text, good), 'false')
    assert.equal(check(key, text, good.subarray(1)), 'false')
    // with the neutral point as key, S = 0 and R = neutral fit every message
    const neutral = Uint8Array.of(1, ...new Uint8Array(31))
    const zero = Uint8Array.of(...neutral, ...new Uint8Array(32))
    const P = 2n ** 255n - 19n
    const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
    for (const y of [0n, 1n, P - 1n, order8, P - order8, P, P + 1n])
      for (const sign of [0n, 2n ** 255n]) {
        const weak = Buffer.from((y + sign).toString(16).padStart(64, '0'), 'hex').reverse()
        assert.equal(check(weak, text, zero), 'false')
      }
    // S + L is another signature of the same message, unless it is refused
    const L = 2n ** 252n + 27742317777372353535851937790883648493n
    const S = BigInt(`0x${Buffer.from(good.subarray(32)).reverse().toString('hex')}`) + L
    const bent = Buffer.concat([good.subarray(0, 32), Buffer.from(S.toString(16).padStart(64, '0'), 'hex').reverse()])
    assert.equal(check(key, text, bent), 'false')
    assert.match(message(run(machine, 'check', ['a', 'b', 'c'])), /^TypeError/)
  })
})

describe('vm/modules: amigos:content', () => {
  let machine: Machine
  before(() => {
    machine = machineOf(
      engine,
      `import { get, put } from 'amigos:content'
       let n = 0
       export const read = (...cids) => { n++; return cids.map(cid => get(cid).length) }
       export const write = (...all) => all.map(bytes => put(bytes))
       export const both = bytes => get(put(bytes))
       export const zeros = n => put(new Uint8Array(n))
       export const many = count => { let i = 0; try { for (; i < count; i++) put(Uint8Array.of(i)) } catch (e) { return [i, e instanceof RangeError] } return i }
       export const count = () => n`,
    )
  })
  const given = (cids: string[], content: Map<string, Uint8Array>) =>
    machine.call({ ...request('read', cids), content }).outcome

  it('is read by its CID, and asked for when it is not there', () => {
    const [a, b] = [bytes('hello'), bytes('')]
    const [cidA, cidB] = [contentCid(a), contentCid(b)]
    const first = given([cidA], new Map())
    assert.equal(end(first), 'CONTENT_NEEDED')
    assert.equal(first.ok ? '' : first.error.needs, cidA)
    const all = new Map([
      [cidA, a],
      [cidB, b],
    ])
    const second = given([cidB, cidA, cidB], all)
    assert.equal(end(second), '[0,5,0]')
    assert.deepEqual(second.ok && second.reads, [cidB, cidA])
    assert.equal(end(run(machine, 'count')), '1')
    assert.equal(end(given([cidA], new Map())), 'CONTENT_NEEDED')
  })

  it('is written once each, and can be read at once', () => {
    const outcome = run(machine, 'write', [bytes('a'), bytes('b'), bytes('a')])
    assert.deepEqual(outcome.ok && outcome.writes.map(({ cid }) => cid), [
      contentCid(bytes('a')),
      contentCid(bytes('b')),
    ])
    assert.deepEqual(outcome.ok && outcome.writes[0]?.bytes, bytes('a'))
    const both = run(machine, 'both', [bytes('c')])
    assert.deepEqual([end(both), both.ok && both.reads], ['{"/":{"bytes":"Yw"}}', []])
  })

  it('is bounded', () => {
    assert.equal(end(run(machine, 'many', [64])), '64')
    assert.equal(end(run(machine, 'many', [65])), '[64,true]')
    assert.match(end(run(machine, 'zeros', [2 ** 20])), /^"bafkrei/)
    assert.match(message(run(machine, 'zeros', [2 ** 20 + 1])), /^RangeError/)
    const all = new Map(Array.from({ length: 65 }, (_, i) => [contentCid(Uint8Array.of(i)), Uint8Array.of(i)]))
    assert.match(message(given([...all.keys()], all)), /^RangeError/)
    const large = new Uint8Array(2 ** 20 + 1)
    assert.match(message(given([contentCid(large)], new Map([[contentCid(large), large]]))), /^RangeError/)
    assert.equal(end(run(machine, 'zeros', [2 ** 20], { limits: { gas: 1_000_000n } })), 'OUT_OF_GAS')
  })

  it('has one name', () => {
    const good = contentCid(bytes('x'))
    const bad = [
      '',
      'x',
      good.toUpperCase(),
      `${good}a`,
      `/ipfs/${good}`,
      good.replace('bafkrei', 'bafyrei'),
      'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPBdG',
      'b'.repeat(59),
      '\u0000'.repeat(59),
      1,
      null,
    ]
    for (const cid of bad) assert.match(message(run(machine, 'read', [cid])), /^TypeError/, String(cid))
  })
})

describe('vm/modules: prices', () => {
  const machine = () =>
    machineOf(
      engine,
      `import { gasLeft, log } from 'amigos:context'
       import { sha256 } from 'amigos:crypto'
       import { get, put } from 'amigos:content'
       const none = new Uint8Array(0)
       const asks = {
         nothing: () => () => {}, gasLeft: () => gasLeft, log: () => { for (let i = 0; i < 100; i++) log('x'); return log },
         sha256: () => () => sha256(''), put: () => () => put(none), get: () => { const cid = put(none); return () => get(cid) },
       }
       export const repeat = (name, n) => { const ask = asks[name](); for (let i = 0; i < n; i++) ask() }`,
    )

  /** Units of one more round of a loop. */
  const roundOf = (at: Machine, name: string): bigint => {
    const gas = (n: number) => run(at, 'repeat', [name, n]).gas
    return (gas(1_100) - gas(100)) / 1_000n
  }

  it('of leaving the engine are what that takes: each call pays for it, and for what it does however short', () => {
    const at = machine()
    const bare = roundOf(at, 'nothing')
    for (const [name, price] of [
      ['gasLeft', HOST_CALL_GAS],
      ['log', HOST_CALL_GAS],
      ['sha256', HOST_CALL_GAS + SHA256_GAS],
      ['put', HOST_CALL_GAS + CONTENT_GAS],
      ['get', HOST_CALL_GAS + CONTENT_GAS],
    ] as const) {
      const round = roundOf(at, name)
      assert(round > bare + price && round < bare + price + 10_000n, `${name}: ${round} beside ${bare}`)
    }
  })
})

describe('vm/modules: attacked', () => {
  const HOSTILE = {
    'hashes for ever': ['for (;;) sha256("x".repeat(1000))', 'OUT_OF_GAS'],
    'signatures for ever': ['const b = new Uint8Array(64); for (;;) verify(b.subarray(32), b, b)', 'OUT_OF_GAS'],
    'random bytes for ever': ['for (;;) randomBytes(65536)', 'OUT_OF_GAS'],
    'events that fail for ever': ['for (;;) try { emit("e", "x".repeat(1e5)) } catch {}', 'OUT_OF_GAS'],
    'content for ever': ['const b = new Uint8Array(2 ** 20); for (;;) put(b)', 'OUT_OF_GAS'],
    'a getter that never ends': ['emit("e", { get a() { for (;;); } })', 'OUT_OF_GAS'],
    'events within events': ['const f = () => emit("e", { get a() { f() } }); f()', 'STACK_OVERFLOW'],
    'a proxy for bytes': ['sha256(new Proxy(new Uint8Array(1), {}))', 'CONTRACT_THREW'],
    'another prototype': ['sha256(Object.setPrototypeOf({}, Uint8Array.prototype))', 'CONTRACT_THREW'],
    'detached bytes': ['const b = new Uint8Array(8); b.buffer.transfer(); return sha256(b).length', '32'],
    'a full memory': [
      'const a = []; try { for (;;) a.push(new Uint8Array(4096)) } catch {} for (;;) a.push(sha256("x"), randomBytes(100))',
      'OUT_OF_MEMORY',
    ],
    'replaced built-ins': [
      'for (const key of Reflect.ownKeys(Uint8Array.prototype)) Reflect.deleteProperty(Uint8Array.prototype, key); globalThis.Uint8Array = globalThis.BigInt = globalThis.Date = null; return [sha256("").length, typeof gasLeft(), randomBytes(2).length]',
      '[32,"bigint",2]',
    ],
  }
  let machine: Machine
  before(() => {
    const functions = Object.values(HOSTILE).map(([body], i) => `export const f${i} = () => { n++; ${body} }`)
    machine = machineOf(
      engine,
      `import { sha256, verify } from 'amigos:crypto'; import { emit } from 'amigos:events'; import { put } from 'amigos:content'
       import { randomBytes, gasLeft } from 'amigos:context'; let n = 0; export const count = () => n\n${functions.join('\n')}`,
    )
  })

  Object.entries(HOSTILE).forEach(([name, [, ends]], i) => {
    it(`${name} ends in ${ends}`, () => {
      const [first, second] = [0, 1].map(() => run(machine, `f${i}`))
      assert.equal(end(first!), ends, message(first!))
      assert.equal(first!.gas, second!.gas)
      assert.equal(end(run(machine, 'count')), '0')
    })
  })
})
