/** A host that lies about what others answered to a service of its own: it signs whatever it likes, and every lie that can be seen is found. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { openCall } from '../../daemon/calls/receipt/signed-call.ts'
import { compareInputs } from '../../daemon/calls/replay/inputs.ts'
import { signAsk } from '../../daemon/calls/tree/ask-envelope.ts'
import { decodeInputs, encodeInputs, type Input } from '../../daemon/calls/tree/inputs.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import type { Block } from '../../daemon/store/block.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import type { PackedCall } from '../../daemon/store/commit-calls.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { packPayload } from '../../daemon/store/payload.ts'
import { type Host, startHost, verify } from '../support/host.ts'
import { testNetwork } from '../support/network.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'
import { COUNTER, importing, nameOf } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const ASKER = `${importing({ near: ['add'], far: ['add', 'read'] })}
let sum = 0
export async function run(by: number): Promise<void> {
  const [one, two, three] = await Promise.all([near$add(by), far$add(by), far$read()])
  sum += one + two + three
  try { await far$add(-1) } catch { sum++ }
}
`

describe('a host that lies about the answers of others', () => {
  let peers: Peers
  let n1: Peer
  let copy: Host
  let kit: Kit
  let asker: CID
  let inputs: Input[]
  /** of the call before it */
  let others: Input[]
  let commit: CID
  let body: StepBody

  before(async () => {
    peers = createPeers()
    n1 = await peers.join()
    const n2 = await peers.join()
    await n2.serve('far', COUNTER)
    await n1.serve('near', COUNTER)
    asker = await n1.serve('asker', ASKER, ['near', 'far'])
    const inputsOf = async (cid: CID) => decodeInputs((await n1.host.history.commit(cid)).calls[0]!.inputs)
    others = await inputsOf((await n1.host.call(asker, 'run', [3])).commit)
    commit = (await n1.host.call(asker, 'run', [5])).commit
    inputs = await inputsOf(commit)
    copy = await startHost()
    kit = createKit(copy)
    await pullInto(copy, n1.host, asker)
    body = decodeCommit(commit, (await n1.host.database.blocks.get(commit))!).body as StepBody
  })
  after(async () => {
    await kit.stop()
    await copy.stop()
    await peers.stop()
  })

  /** What is found when the host signed a commit with other inputs. */
  const found = async (said: Input[] | Uint8Array) => {
    const blocks: Block[] = []
    const bytes = said instanceof Uint8Array ? said : encodeInputs(said)
    const packed = bytes.length === 0 ? undefined : packPayload(bytes, blocks, { service: asker, seq: body.seq })
    const calls = (body.calls as PackedCall[]).map(({ inputs: _, ...call }) => ({
      ...call,
      ...(packed && { inputs: packed }),
    }))
    const block = await sealCommit({ ...body, calls }, n1.host.identity.node)
    await copy.database.blocks.put([...blocks, block])
    return (await kit.replay(block.cid, { again: true, signal: never })).mismatch
  }
  /** The same of the inputs alone. */
  const compared = async (said: Input[] | Uint8Array) => {
    const { contract: cid } = await n1.host.history.commit(commit)
    const [record] = (await n1.host.history.commit(commit)).calls
    const call = await openCall(record!.envelope, 'call', n1.host.identity)
    const asks = ['near add 5', 'far add 5', 'far read', 'far add -1'].map((text) => {
      const [name, method, ...args] = text.split(' ')
      return { import: nameOf(name!), method: method!, args: encodeArguments(args.map(Number)), gas: 10n ** 9n }
    })
    const inputs = said instanceof Uint8Array ? said : encodeInputs(said)
    const contract = await n1.host.contracts.load(cid)
    return compareInputs(
      { index: 0, call, record: { ...record!, inputs }, contract, network: n1.host.identity.network, asks },
      verify,
    )
  }
  const changed = (place: number, change: (input: Input) => Partial<Input>): Input[] =>
    inputs.map((input, i) => (i === place ? { ...input, ...change(input) } : input))
  const inReceipt = (place: number, change: object): Input[] =>
    changed(place, ({ receipt }) => ({ receipt: { ...receipt!, ...change } }))
  const answered = (place: number, change: object): Input[] =>
    changed(place, ({ answer }) => ({ answer: { ...answer, ...change } as Input['answer'] }))

  it('is not found where it does not lie', async () => {
    assert.equal(inputs.length, 4)
    assert.equal(await found(inputs), undefined)
    assert.equal(await compared(inputs), undefined)
  })

  const BELIEVED = 'another result of a question, which shows in the state'
  const TWO = Buffer.from('2')
  const NEAR = 0
  const FAR = 1
  const QUESTION = 2
  const FAILED = 3
  const LIES: Record<string, () => Input[] | Uint8Array> = {
    'another result of a call here': () => answered(NEAR, { result: TWO }),
    'another result of a call elsewhere': () => answered(FAR, { result: TWO }),
    'a result of another type': () => answered(QUESTION, { result: Buffer.from('"two"') }),
    [BELIEVED]: () => answered(QUESTION, { result: TWO }),
    'less gas': () => answered(FAR, { gas: inputs[FAR]!.answer.gas - 1n }),
    'more gas': () => answered(FAR, { gas: inputs[FAR]!.answer.gas + 1n }),
    'more gas of a question than it was given': () => answered(QUESTION, { gas: 10n ** 10n }),
    'another order': () => [inputs[FAR]!, inputs[NEAR]!, ...inputs.slice(2)],
    'one that is missing': () => inputs.slice(0, 3),
    'one too many': () => [...inputs, inputs[QUESTION]!],
    'none at all': () => new Uint8Array(0),
    'something malformed': () => Buffer.from('inputs'),
    'a call here without a receipt': () =>
      changed(NEAR, ({ answer, service }) => ({ answer, service, receipt: undefined }) as object),
    'a call elsewhere without a receipt': () => changed(FAR, () => ({ receipt: undefined }) as object),
    'a receipt of another call of the same': () => changed(FAR, () => others[FAR]!),
    'a receipt of another service': () => changed(FAR, () => ({ receipt: inputs[NEAR]!.receipt! })),
    'an answer of another service': () => changed(FAR, () => inputs[NEAR]!),
    'a failure of another service': () => changed(FAILED, () => ({ service: asker })),
    'a question that has a receipt': () => changed(QUESTION, () => ({ receipt: inputs[FAR]!.receipt! })),
    'a failure that is none': () => answered(FAILED, { ok: true, code: undefined, result: TWO }),
    'a receipt with another commit': () => inReceipt(FAR, { commit: inputs[NEAR]!.receipt!.commit }),
    'a receipt with another genesis': () => inReceipt(FAR, { genesis: inputs[NEAR]!.receipt!.genesis }),
    'a receipt with another place': () => inReceipt(FAR, { index: 1 }),
    'a receipt with a block that was changed': () =>
      inReceipt(FAR, { block: inputs[FAR]!.receipt!.block.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }),
  }
  for (const [name, lie] of Object.entries(LIES)) {
    it(`is found: ${name}`, async () => {
      const said = lie()
      assert.ok(await found(said))
      // by itself, whatever became of the call with it
      if (name !== BELIEVED) assert.ok(await compared(said))
    })
  }

  /** A receipt of whoever was asked for something that was not due. */
  const executed = async (amount: number, network: Identity['network']) => {
    const call = await openCall((body.calls as PackedCall[])[0]!.envelope as Uint8Array, 'call', n1.host.identity)
    const { service } = inputs[FAR]!
    const owner = n1.host.identity.user
    const hosts = await n1.host.executedBefore.hosts(asker, 0)
    const place = { call, index: FAR, service: service!, method: 'add', args: encodeArguments([amount]) }
    const envelope = await signAsk(place, { owner, ...hosts }, { ...n1.host.identity, network })
    const host = [...peers.directory.values()].find((one) => one.service.equals(service!))!.host
    const { result, gas, ...done } = await n1.remote.call(host, envelope, { signal: never })
    const { commit: by, index, genesis, handovers, block } = done
    const receipt = { envelope, commit: by, index, genesis, handovers, block }
    return changed(FAR, () => ({ answer: { ok: true, result, gas }, receipt }))
  }

  it('is found: the ask that was due, with other arguments, executed by whoever was asked', async () => {
    const said = await executed(4, n1.host.identity.network)
    assert.ok(await found(said))
    assert.equal((await compared(said))?.what, 'input 1')
  })

  it('is found: the ask that was due, signed for another network, executed by a host that is on both', async () => {
    const far = [...peers.directory.values()].find((one) => one.service.equals(inputs[FAR]!.service!))!.home
    const { network } = far.identity
    const other = testNetwork('another')
    Object.assign(far.identity, { network: other })
    const said = await executed(5, other).finally(() => Object.assign(far.identity, { network }))
    assert.ok(await found(said))
    assert.deepEqual(await compared(said), { what: 'input 1', call: 0, expected: 'add', found: 'another call' })
  })
})
