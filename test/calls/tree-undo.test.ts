/** Three services of one node: what fails below is undone, and nothing else; also when the worker dies in the middle. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Effects, Vm } from '../../daemon/vm/types.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { createKit, never } from './lifecycle-kit.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const MIDDLE = `${importing({ last: ['add', 'read'] })}
let calls = 0
export async function add(by: number): Promise<number> { calls++; return last$add(by) }
export async function spoil(by: number): Promise<void> {
  calls++
  await last$add(by)
  await last$add(by)
  throw new Error('spoilt')
}
export async function hang(by: number): Promise<void> { calls++; await last$add(by); for (;;); }
/** @query */
export function count(): number { return calls }
/** @query */
export async function below(): Promise<number> { return last$read() }
`
const FIRST = `${importing({ last: ['add', 'read'], middle: ['add', 'spoil', 'hang', 'count', 'below'] })}
let log: unknown[] = []
const told = async (asked: Promise<unknown>) => { try { return await asked } catch (error: any) { return error.code } }
/** Its calls: 'last 1', 'middle 1', 'spoil 1', ... */
export async function run(...steps: string[]): Promise<unknown[]> {
  const done: unknown[] = []
  for (const step of steps) {
    const [what, by] = step.split(' ')
    const n = Number(by)
    if (what === 'last') done.push(await told(last$add(n)))
    if (what === 'middle') done.push(await told(middle$add(n)))
    if (what === 'spoil') done.push(await told(middle$spoil(n)))
    if (what === 'hang') done.push(await told(middle$hang(n)))
    if (what === 'read') done.push([await last$read(), await middle$count(), await middle$below()])
    if (what === 'throw') throw new Error('changed my mind')
  }
  log.push(...done)
  return done
}
/** @query */
export function seen(): number { return log.length }
`

describe('what a call had others do on its node', () => {
  let host: Host
  let first: CID
  let middle: CID
  let last: CID
  const staying = new Set<string>()
  /** told of each call that the VM makes */
  let onCall: ((vm: Vm, key: string) => Promise<Effects | undefined>) | undefined

  before(async () => {
    host = await startHost({
      wrapVm: (vm) => ({
        ...vm,
        stay(key, stays) {
          if (stays) staying.add(key)
          else staying.delete(key)
          vm.stay(key, stays)
        },
        async call(key, request, waited) {
          const effects = await vm.call(key, request, waited)
          return (await onCall?.(vm, key)) ?? effects
        },
      }),
    })
    last = await host.serve(COUNTER, { as: 'last' })
    middle = await host.serve(MIDDLE, { as: 'middle', imports: [await live(host, 'last', last)] })
    const imports = [await live(host, 'last', last), await live(host, 'middle', middle)]
    first = await host.serve(FIRST, { as: 'first', imports })
  })
  after(() => host.stop())
  afterEach(() => {
    onCall = undefined
  })

  const state = async (): Promise<number[]> =>
    Promise.all([host.query(first, 'seen'), host.query(middle, 'count'), host.query(last, 'read')]) as Promise<number[]>
  const run = async (...steps: string[]): Promise<unknown> => resultOf(await host.call(first, 'run', steps))
  const seqs = async (): Promise<number[]> =>
    Promise.all([first, middle, last].map(async (service) => (await host.history.head(service))!.seq))

  it('is undone below what failed, though it succeeded there', async () => {
    const [, calls, n] = await state()
    assert.deepEqual(await run('spoil 5'), ['CONTRACT_THREW'])
    assert.deepEqual((await state()).slice(1), [calls, n])
  })

  it('stays where it was done before, and what comes after goes on from there', async () => {
    const [, calls, n] = (await state()) as [number, number, number]
    const at = await seqs()
    const found = await run('last 1', 'spoil 100', 'read', 'middle 2', 'spoil 100', 'last 4', 'read')
    const reads = [
      [n + 1, calls, n + 1],
      [n + 7, calls + 1, n + 7],
    ]
    assert.deepEqual(found, [n + 1, 'CONTRACT_THREW', reads[0], n + 3, 'CONTRACT_THREW', n + 7, reads[1]])
    assert.deepEqual((await state()).slice(1), [calls + 1, n + 7])
    assert.deepEqual(await seqs(), [at[0]! + 1, at[1]! + 1, at[2]! + 3])
    assert.equal(resultOf(await host.call(last, 'add', [1])), n + 8)
  })

  it('is undone as a whole when the first call fails', async () => {
    const before = await state()
    const at = await seqs()
    await assert.rejects(run('last 1', 'middle 2', 'spoil 3', 'throw'), { code: 'CONTRACT_THREW' })
    assert.deepEqual([await state(), await seqs()], [before, at])
    assert.deepEqual(await run('read'), [[before[2], before[1], before[2]]])
  })

  it('fails below for want of gas, and that can be told', async () => {
    const [, calls, n] = await state()
    assert.deepEqual(await run('last 1', 'hang 1'), [n! + 1, 'OUT_OF_GAS'])
    assert.deepEqual((await state()).slice(1), [calls, n! + 1])
  })

  it('is the same where the VM loses a service between two of its calls', async () => {
    for (const lost of [last, middle, first]) {
      const [, calls, n] = (await state()) as [number, number, number]
      let left = 3
      onCall = async (vm) => {
        if (left-- > 0) await vm.close(lost.toString())
        return undefined
      }
      assert.deepEqual(await run('last 1', 'middle 2', 'spoil 100', 'read'), [
        ...[n + 1, n + 3, 'CONTRACT_THREW'],
        [n + 3, calls + 1, n + 3],
      ])
      onCall = undefined
      assert.deepEqual((await state()).slice(1), [calls + 1, n + 3])
    }
  })

  it('is the same where the VM lets each service go that does not stay', async () => {
    for (const round of [1, 2]) {
      const [, calls, n] = (await state()) as [number, number, number]
      onCall = async (vm, key) => {
        if (!staying.has(key)) await vm.close(key)
        return undefined
      }
      const found = await run('last 1', 'last 1', 'middle 1', 'spoil 100', 'last 1', 'middle 1', 'last 1', 'middle 1')
      onCall = undefined
      assert.deepEqual(found, [n + 1, n + 2, n + 3, 'CONTRACT_THREW', n + 4, n + 5, n + 6, n + 7], `round ${round}`)
      assert.deepEqual((await state()).slice(1), [calls + 3, n + 7])
      assert.equal(staying.size, 0)
    }
  })

  it('is undone where the worker dies over it, and nothing else is', async () => {
    const died = { code: 'WATCHDOG', message: 'It took too long.' } as const
    // `last` itself; `middle`, which asks; `last` for it; `middle` with the answer
    for (const dying of [1, 2, 3, 4]) {
      const before = await state()
      let calls = 0
      onCall = async (vm, key) => {
        if (key === first.toString() || ++calls !== dying) return undefined
        for (const service of [first, middle, last]) await vm.close(service.toString())
        return { outcome: { ok: false, error: died, gas: 0n, logs: [] } }
      }
      const found = (await run('last 1', 'middle 2', 'read')) as unknown[]
      onCall = undefined
      assert.equal(found.filter((one) => one === 'WATCHDOG' || one === 'CONTRACT_THREW').length, 1)
      const after = await state()
      assert.deepEqual(found.at(-1), [after[2], after[1], after[2]])
      assert.equal(after[2]! - before[2]!, dying === 1 ? 2 : 1)
      assert.equal(after[1]! - before[1]!, dying === 1 ? 1 : 0)
    }
  })

  it('is undone as a whole when the disk does not take it, and the same call can come again', async () => {
    const before = await state()
    const at = await seqs()
    const { commit } = host.database
    host.database.commit = async () => {
      host.database.commit = commit
      throw new Error('the disk is full')
    }
    const envelope = await host.sign(first, 'run', ['last 1', 'middle 2'])
    const asking = { from: 'local', signal: never }
    await assert.rejects(host.execute(envelope, asking), { message: 'the disk is full' })
    assert.deepEqual([await state(), await seqs()], [before, at])
    await host.execute(envelope, asking)
    assert.deepEqual((await state()).slice(1), [before[1]! + 1, before[2]! + 3])
    assert.deepEqual(
      await seqs(),
      at.map((seq, i) => seq + [1, 1, 2][i]!),
    )
  })

  it('is told to whoever follows one of the services, once it is durable', async () => {
    const { user } = host.identity
    const seq = (await host.history.head(last))!.seq
    const gone = new AbortController()
    const items = host.follow({ service: last, user, from: undefined }, { from: 'local', signal: gone.signal })
    const iterator = items[Symbol.asyncIterator]()
    const next = iterator.next()
    await run('spoil 5', 'last 1', 'middle 2')
    assert.deepEqual([(await next).value?.seq, (await iterator.next()).value?.seq], [seq + 1, seq + 2])
    gone.abort()
  })

  it('leaves a history that gives the same when it is executed again', async () => {
    const kit = createKit(host)
    try {
      for (const service of [first, middle, last]) {
        const { commit } = await kit.head(service)
        assert.equal((await kit.replay(commit, { again: true, signal: never })).mismatch, undefined)
      }
    } finally {
      await kit.stop()
    }
  })
})
