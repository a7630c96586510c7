/** The log of a service and its commits one by one, as people and programs are shown them. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { MAX_LOG_PAGE } from '../../daemon/api/constants.ts'
import type { LogOptions } from '../../daemon/calls/view/read-history.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const SOURCE = `
  import { emit } from 'amigos:events'
  const big: string[] = []
  export function init(text?: string): void { big.length = 0 }
  export function add(text: string, at?: Date): number { emit('added', text); return big.push(text) }
  export function fill(count: number): void { for (let i = 0; i < count; i++) big.push('x'.repeat(300) + i) }
`

describe('the history of a service', () => {
  let host: Host
  let kit: Kit
  let service: CID
  const commits: CID[] = []
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    service = await host.serve(SOURCE, { init: ['x'] })
    for (const text of ['a', 'b', 'c']) commits.push((await host.call(service, 'add', [text])).commit)
    commits.push((await host.call(service, 'fill', [100])).commit)
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })
  const log = async (options: Partial<LogOptions> = {}) =>
    kit.readHistory.log(await kit.head(service), { signal: never, ...options })
  const seqs = async (options: Partial<LogOptions> = {}) => (await log(options)).commits.map(({ seq }) => seq)

  it('is listed newest first, with what was called', async () => {
    const found = await log()
    assert.deepEqual([found.service, found.trust, found.more, found.pruned], [String(service), 'own', false, false])
    assert.deepEqual(
      found.commits.map(({ seq, kind, calls }) => [seq, kind, calls.map(({ method, args }) => [method, ...args])]),
      [
        [4, 'step', [['fill', 100]]],
        [3, 'step', [['add', 'c']]],
        [2, 'step', [['add', 'b']]],
        [1, 'step', [['add', 'a']]],
        [0, 'genesis', []],
      ],
    )
    const [newest] = found.commits
    assert.equal(newest!.parent, String(commits[2]))
    assert.equal(newest!.calls[0]!.caller, host.identity.user)
    assert(newest!.calls[0]!.gas > 0 && newest!.calls[0]!.ok)
    assert(Math.abs(Date.parse(newest!.time) - Date.now()) < 60_000)
  })

  it('has pages as long as the local API promises', async () => {
    const long = await host.serve('let n = 0\nexport function add(): number { return ++n }', { as: 'long' })
    for (let i = 0; i < 240; i++) await host.call(long, 'add')
    const found = await kit.readHistory.log(await kit.head(long), { limit: MAX_LOG_PAGE, signal: never })
    assert.deepEqual([found.commits.length, found.more], [241, false])
  })

  it('comes in pages', async () => {
    assert.deepEqual(await seqs({ limit: 2 }), [4, 3])
    assert.equal((await log({ limit: 2 })).more, true)
    assert.deepEqual(await seqs({ limit: 2, before: commits[2]! }), [2, 1])
    assert.deepEqual(await seqs({ before: commits[0]! }), [0])
    assert.equal((await log({ before: commits[0]! })).more, false)
    assert.deepEqual(await seqs({ before: service }), [])
    assert.deepEqual(await seqs({ from: commits[1]! }), [2, 1, 0])
  })

  it('is asked about its own commits only', async () => {
    const other = await host.serve(SOURCE, { as: 'other' })
    await assert.rejects(log({ before: other }), { code: 'NOT_A_COMMIT' })
  })

  it('shows one commit whole', async () => {
    const found = await kit.readHistory.show(String(commits[0]))
    assert.deepEqual(
      [found.service, found.seq, found.epoch, found.host, found.kind, found.trust, found.from, found.forced],
      [String(service), 1, 0, host.identity.peerId, 'step', 'own', null, false],
    )
    const [call] = found.calls
    assert.deepEqual([call!.method, call!.args, call!.result], ['add', ['a'], 1])
    assert.deepEqual(call!.events, [{ name: 'added', value: 'a' }])
    assert.match(call!.id, /^baf/)
    assert.match(found.root, /^[0-9a-f]{64}$/)
    const first = await kit.readHistory.show(String(service))
    assert.equal(found.before, first.root)
    assert.deepEqual([first.owner, first.init, found.owner, found.init], [host.identity.user, ['x'], null, null])
    assert.deepEqual([first.before, first.delta, first.kind, first.calls], [null, null, 'genesis', []])
    assert(found.delta!.lines > 0 && found.delta!.pages > 0)
    // a delta that is only linked is counted, too
    assert((await kit.readHistory.show(String(commits[3]))).delta!.lines > 50)
  })

  it('says what is no commit, and what is not here', async () => {
    const contract = (await kit.head(service)).contract
    await assert.rejects(kit.readHistory.show('nonsense'), { code: 'NOT_A_COMMIT' })
    await assert.rejects(kit.readHistory.show(String(contract)), { code: 'NOT_A_COMMIT' })
    const reader = await startHost({ identity: await newIdentity() })
    const own = createKit(reader)
    await assert.rejects(own.readHistory.show(String(commits[0])), { code: 'COMMIT_NOT_FOUND' })
    await pullInto(reader, host, service)
    assert.equal((await own.readHistory.show(String(commits[0]))).trust, 'signed')
    await own.rows.put(service, { upTo: { commit: commits[1]!, seq: 2 } })
    assert.equal((await own.readHistory.show(String(commits[0]))).trust, 'replayed')
    assert.equal((await own.readHistory.show(String(commits[2]))).trust, 'signed')
    await own.stop()
    await reader.stop()
  })
})
