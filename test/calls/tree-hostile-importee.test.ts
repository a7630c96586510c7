/** Imports that are down, fall silent, answer something else than was promised, or lie: the contract is told what it was, in time, and nothing was done. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import type { TreeShare } from '../../daemon/calls/types.ts'
import type { ContractImport } from '../../daemon/contract/types.ts'
import { decodeCall, signCall } from '../../protocol/signed/envelope.ts'
import type { Handler } from '../../protocol/types.ts'
import { resultOf, startHost } from '../support/host.ts'
import { COUNTER, importing, nameOf } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const ASKER = `${importing({ far: ['add', 'read'], gone: ['add', 'read'] })}
let log: string[] = []
const told = async (asked: Promise<unknown>): Promise<string> => {
  try { return String(await asked) } catch (error: any) { return error.name + ' ' + error.code }
}
export async function careful(by: number): Promise<string> { const one = await told(far$add(by)); log.push(one); return one }
export async function plain(by: number): Promise<number> { log.push('plain'); return far$add(by) }
export async function ask(): Promise<string> { return told(far$read()) }
export async function down(): Promise<string[]> { return [await told(gone$add(1)), await told(gone$read())] }
/** @query */
export async function look(): Promise<string> { return told(far$read()) }
/** @query */
export function count(): number { return log.length }
`

const FAR = `${COUNTER}
export function spend(times: number): void { n++; for (let i = 0; i < times; i++) last.caller = String(i) }
`
const MANIFEST = 'name: thrifty\nversion: 0.1.0\nmain: main.ts\nlimits: { gas: 3000000 }\n'
const SPENDER = `${importing({ far: ['spend'] })}
let log: string[] = []
export async function spend(times: number): Promise<string> {
  try { await far$spend(times); return 'done' } catch (error: any) { log.push(error.code); return error.code }
}
`

type Answer = Record<string, unknown>

describe('an import that does not do what it promised', () => {
  let peers: Peers
  let n1: Peer
  let n2: Peer
  let far: CID
  let near: CID
  let asker: CID
  let pinned: ContractImport[]
  /** what the other node does instead of what it should */
  let lie: ((usual: () => Promise<unknown>, body: Answer, signal: AbortSignal) => Promise<unknown>) | undefined

  before(async () => {
    peers = createPeers()
    const lying =
      (usual: Handler): Handler =>
      (body, context) => {
        const honest = async (): Promise<unknown> => usual(body, context)
        return lie === undefined ? honest() : lie(honest, body as Answer, context.signal)
      }
    n1 = await peers.join()
    n2 = await peers.join({
      answers: (usual) => ({ ...usual, call: lying(usual['call']!), query: lying(usual['query']!) }),
    })
    const n3 = await peers.join()
    far = await n2.serve('far', FAR)
    near = await n1.serve('near', COUNTER)
    await n3.serve('gone', COUNTER)
    asker = await n1.serve('asker', ASKER, ['far', 'gone'])
    pinned = await peers.pin(['far', 'gone'])
    await peers.leave(n3)
  })
  after(() => peers.stop())
  afterEach(() => {
    lie = undefined
  })

  const share = (more: Partial<TreeShare> = {}): { tree: TreeShare } => ({
    tree: { time: Date.now(), most: 2_000_000_000n, ms: 20_000, ...more },
  })
  const call = async (method: string, ...args: number[]): Promise<unknown> =>
    resultOf(await n1.host.call(asker, method, args))

  it('is down: told at once, and it may be caught', async () => {
    const unreachable = 'ImportError PEER_UNREACHABLE'
    assert.deepEqual(await call('down'), [unreachable, unreachable])
  })

  it('is nowhere: told at once', async () => {
    const known = peers.directory.get(nameOf('far'))!
    peers.directory.delete(nameOf('far'))
    assert.equal(await call('careful', 1), 'ImportError SERVICE_NOT_FOUND')
    peers.directory.set(nameOf('far'), { ...known, service: near })
    assert.equal(await call('careful', 1), 'ImportError IMPORT_BROKE')
    peers.directory.set(nameOf('far'), known)
  })

  it('is looked for without an end', async () => {
    const lonely = await startHost({ resolveService: () => new Promise(() => {}) })
    try {
      const service = await lonely.serve(ASKER, { imports: pinned })
      const told = await lonely.call(service, 'careful', [1], share({ ms: 1_000 }))
      assert.equal(resultOf(told), 'ImportError TIMED_OUT')
    } finally {
      await lonely.stop()
    }
  })

  it('never answers: told within the time that is left, and nothing is there of a call that does not catch it', async () => {
    lie = (_usual, _body, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
    const before = await n1.host.query(asker, 'count')
    const short = share({ ms: 1_000 })
    assert.match(String(resultOf(await n1.host.call(asker, 'careful', [1], short))), /OUTCOME_UNKNOWN|TIMED_OUT/)
    assert.match(String(resultOf(await n1.host.call(asker, 'ask', [], short))), /TIMED_OUT/)
    await assert.rejects(n1.host.call(asker, 'plain', [1], short), { code: 'CONTRACT_THREW' })
    assert.equal(await n1.host.query(asker, 'count'), (before as number) + 1)
  })

  const without = (answer: Answer, ...fields: string[]): Answer =>
    Object.fromEntries(Object.entries(answer).filter(([name]) => !fields.includes(name)))
  const answering = (change: (answer: Answer) => unknown | Promise<unknown>) => {
    lie = async (usual) => change((await usual()) as Answer)
  }
  const text = (value: string): Uint8Array => Buffer.from(value)

  const LIES: Record<string, { change: (answer: Answer) => unknown; told: RegExp; ofQuery?: RegExp }> = {
    'another result than it signed': {
      change: (answer) => ({ ...answer, result: text('1000000') }),
      told: /ANSWER_INVALID/,
      // the word of the host, of the right type
      ofQuery: /^1000000$/,
    },
    'another type than was pinned': {
      change: (answer) => ({ ...answer, result: text('"one"') }),
      told: /ANSWER_INVALID/,
      ofQuery: /IMPORT_BROKE/,
    },
    'bytes that are no value': {
      change: (answer) => ({ ...answer, result: Uint8Array.from([255, 0, 254]) }),
      told: /ANSWER_INVALID/,
      ofQuery: /IMPORT_BROKE/,
    },
    'something nested without an end': {
      change: (answer) => ({ ...answer, result: text('['.repeat(100_000)) }),
      told: /ANSWER_INVALID/,
      ofQuery: /IMPORT_BROKE/,
    },
    '2 MiB': {
      change: (answer) => ({ ...answer, result: new Uint8Array(2 * 2 ** 20).fill(48) }),
      told: /ANSWER_INVALID|INTERNAL|HOST_FAILED|FRAME_|CONNECTION_LOST|OUTCOME_UNKNOWN/,
      ofQuery: /IMPORT_BROKE|HOST_FAILED|FRAME_|INTERNAL/,
    },
    'nothing that it should': { change: () => ({ hello: 'world' }), told: /ANSWER_INVALID/ },
    'nothing at all': { change: () => null, told: /ANSWER_INVALID/ },
    'less gas than it signed': {
      change: (answer) => ({ ...answer, gas: 1 }),
      told: /ANSWER_INVALID/,
      ofQuery: /^\d+$/,
    },
    'more gas than there is': {
      change: (answer) => ({ ...answer, gas: Number.MAX_SAFE_INTEGER }),
      told: /ANSWER_INVALID/,
      ofQuery: /IMPORT_BROKE/,
    },
    'a code of its own': {
      change: () => Promise.reject(Object.assign(new Error('x'.repeat(5_000)), { code: 'MY_OWN_CODE' })),
      told: /MY_OWN_CODE/,
    },
    'that it is busy, for ever': {
      change: () => Promise.reject(Object.assign(new Error('busy'), { code: 'CALL_BUSY' })),
      told: /CALL_BUSY/,
    },
  }
  for (const [name, { change, told, ofQuery = told }] of Object.entries(LIES)) {
    it(`answers ${name}`, async () => {
      answering(change)
      assert.match(String(resultOf(await n1.host.call(asker, 'careful', [1], share({ ms: 1_500 })))), told)
      assert.match(String(resultOf(await n1.host.call(asker, 'ask', [], share({ ms: 1_500 })))), ofQuery)
      assert.match(String(await n1.host.query(asker, 'look')), ofQuery)
      lie = undefined
      assert.match(String(await call('careful', 0)), /^\d+$/)
    })
  }

  const RECEIPTS: Record<string, (answer: Answer) => Promise<Answer> | Answer> = {
    'that another host signed': async (answer) => {
      const other = await n1.host.call(near, 'add', [1])
      return { ...answer, block: other.block, commit: other.commit }
    },
    'of another service': async () => {
      const { gas, ...other } = await n1.host.call(near, 'add', [1])
      return { chunk: null, events: null, ...other, gas: Number(gas) }
    },
    'of another call of the same': async () => {
      const { gas, ...other } = await n2.host.call(far, 'add', [1])
      return { chunk: null, events: null, ...other, gas: Number(gas) }
    },
    'without a genesis': (answer) => without(answer, 'genesis'),
    'with handovers that were not': (answer) => ({ ...answer, handovers: [answer['block']] }),
  }
  for (const [name, change] of Object.entries(RECEIPTS)) {
    it(`shows a receipt ${name}`, async () => {
      answering(change)
      assert.match(String(await call('careful', 1)), /ImportError ANSWER_INVALID/)
    })
  }

  it('takes more gas than it was given', async () => {
    const thrifty = await n1.serve('thrifty', SPENDER, ['far'], { manifest: MANIFEST })
    const spent = async (n: number): Promise<unknown> => resultOf(await n1.host.call(thrifty, 'spend', [n]))
    assert.equal(await spent(10), 'done')
    const before = await n2.host.query(far, 'read')
    assert.equal(await spent(1_000_000), 'OUT_OF_GAS')
    assert.equal(await n2.host.query(far, 'read'), before)
    // what is left to it is for its host to keep to
    lie = async (usual, body) => {
      delete body['tree']
      return usual()
    }
    assert.equal(await spent(1_000_000), 'IMPORT_BROKE')
  })

  describe('and calls back into whoever called it', () => {
    /** Calls `asker` while that waits, and answers when it has been told what came of that. */
    const callingBack = (make: (body: Answer) => Promise<Uint8Array>): Promise<unknown> => {
      const told = Promise.withResolvers<unknown>()
      lie = async (usual, body) => {
        lie = undefined
        const back = n2.remote.call(n1.node.peer, await make(body), { signal: AbortSignal.timeout(10_000) })
        back.then(
          ({ result }) => told.resolve(Buffer.from(result).toString()),
          (error) => told.resolve(error.code),
        )
        await told.promise
        return usual()
      }
      return told.promise
    }
    const viaOf = (body: Answer) => decodeCall(body['envelope'] as Uint8Array).via!
    /** As the host of `far`. */
    const asFar = async (body: Answer, chain: CID[]): Promise<Uint8Array> => {
      const { network, node } = n2.host.identity
      const { genesis } = await n2.host.executedBefore.hosts(far, 0)
      const via = { ...viaOf(body), chain, proof: [genesis] }
      const call = { network: network.id, service: asker, method: 'careful', args: text('[1]') }
      return signCall({ ...call, nonce: randomBytes(16), ttlMs: 60_000, gas: 0, via }, node)
    }

    it('is refused where it says what it is a part of', async () => {
      const told = callingBack((body) => asFar(body, [asker, far]))
      assert.match(String(await call('careful', 1)), /^\d+$/)
      assert.equal(await told, 'CALL_CYCLE')
    })

    it('waits no longer than it has time where it does not say so', async () => {
      const told = callingBack((body) => asFar(body, [far]))
      const given = await n1.host.call(asker, 'careful', [1], share({ ms: 1_000 }))
      assert.match(String(resultOf(given)), /^\d+$|OUTCOME_UNKNOWN/)
      assert.match(String(await told), /CALL_BUSY|ImportError|"\d+"/)
    })

    it('has its turn after it as a user', async () => {
      const { identity } = n2.host
      const told = callingBack(() => makeCall({ service: asker, method: 'plain', args: [1] }, 'call', identity))
      const given = await n1.host.call(asker, 'careful', [1], share({ ms: 1_000 }))
      assert.match(String(resultOf(given)), /OUTCOME_UNKNOWN|TIMED_OUT/)
      assert.match(String(await told), /^\d+$/)
    })
  })
})
