/** While a commit is written the next calls are executed on it; nobody hears of them before it is durable, nor ever if it never is. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Vm } from '../../daemon/vm/types.ts'
import { holdNextCommit } from '../support/hold-commit.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'

const COUNTER = `
  let n = 0
  export function add(by: number): number { n += by; return n }
  export function fail(): void { throw new RangeError('no') }
  export function read(): number { return n }
`
const never = new AbortController().signal

describe('calls made while a commit is written', () => {
  let host: Host
  let service: CID
  /** tells of each time that the VM has executed calls */
  let executed: () => void
  beforeEach(async () => {
    executed = () => {}
    const wrapVm = (vm: Vm): Vm => ({
      ...vm,
      async calls(key, requests) {
        const outcomes = await vm.calls(key, requests)
        executed()
        return outcomes
      },
    })
    host = await startHost({ wrapVm })
    service = await host.serve(COUNTER)
    await host.call(service, 'add', [1])
  })
  afterEach(() => host.stop())

  const run = (envelope: Uint8Array) => host.execute(envelope, { from: 'local', signal: never })
  const nextExecuted = () => new Promise<void>((resolve) => (executed = resolve))

  /** The next write waits; the calls of `during` are made meanwhile. */
  const whileWriting = async (first: Uint8Array, during: () => Promise<void>, end: () => Promise<void>) => {
    const { begun, release } = holdNextCommit(host.database)
    const answer = run(first)
    answer.catch(() => {})
    await begun
    await during()
    await end().then(() => release(), release)
    return answer
  }

  it('are executed, and answered after it', async () => {
    const [first, second, third] = [await sign(5), await sign(7), await host.sign(service, 'fail')]
    const order: string[] = []
    let later: Promise<unknown>[] = []
    const during = async () => {
      const seen = nextExecuted()
      later = [run(second).then(resultOf), run(third).catch(({ code }) => code)]
      for (const one of later) void one.then(() => order.push('later'))
      await seen
      order.push('executed')
    }
    const end = async () => void order.push('written')
    assert.equal(resultOf(await whileWriting(first, during, end)), 6)
    assert.deepEqual(await Promise.all(later), [13, 'CONTRACT_THREW'])
    assert.deepEqual(order, ['executed', 'written', 'later', 'later'])
    assert.equal((await host.history.head(service))!.seq, 3)
  })

  it('are executed once more, without what could not be written', async () => {
    const [first, second] = [await sign(5), await sign(7)]
    let later: Promise<unknown> = Promise.resolve()
    const during = async () => {
      const seen = nextExecuted()
      later = run(second).then(resultOf)
      await seen
    }
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'STORE_UNAVAILABLE' }))
    await assert.rejects(whileWriting(first, during, full), { code: 'STORE_UNAVAILABLE' })
    assert.equal(await later, 8)
    assert.equal(await host.query(service, 'read'), 8)
    // what failed was never executed: it may come again
    assert.equal(resultOf(await run(first)), 13)
    assert.equal((await host.history.head(service))!.seq, 3)
  })

  it('get the answer of that commit if they are in it', async () => {
    const first = await sign(5)
    let again: ReturnType<typeof run> | undefined
    const during = async () => {
      again = run(first)
      again.catch(() => {})
    }
    const answer = await whileWriting(first, during, async () => {})
    assert.equal((await again!).commit.toString(), answer.commit.toString())
    assert.equal(await host.query(service, 'read'), 6)
  })

  it('leave queries to see what is durable', async () => {
    const known = await host.sign(service, 'read')
    await run(known)
    let seen: Promise<unknown> = Promise.resolve()
    const order: string[] = []
    const during = async () => {
      // a turn with nothing to execute, before that of the query
      await run(known)
      seen = host.query(service, 'read').finally(() => order.push('seen'))
    }
    const end = async () => void order.push('written')
    await whileWriting(await sign(5), during, end)
    assert.equal(await seen, 6)
    assert.deepEqual(order, ['written', 'seen'])
  })

  const sign = (by: number) => host.sign(service, 'add', [by])
})
