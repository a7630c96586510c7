/** The methods of the local API that answer item by item, with a host that comes and goes. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import type { Items } from '../../daemon/api/vocabulary.ts'
import { MAX_FOLLOW_RETRIES } from '../../daemon/calls/constants.ts'
import type { Remote } from '../../daemon/calls/remote/remote.ts'
import type { Followed } from '../../daemon/calls/stream/follow.ts'
import { createStreaming } from '../../daemon/calls/stream/streaming.ts'
import { newIdentity } from '../support/host.ts'

const SERVICE = CID.parse('bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')
const commitOf = (seq: number): Followed => ({
  ...{ commit: SERVICE, seq, time: 0, omitted: 0, skipped: 0 },
  events: [Buffer.from(`[["at",${seq}]]`), Buffer.from('not JSON')],
})
const failure = (code: string): Error => Object.assign(new Error(code), { code })
const never = new AbortController().signal

describe('where a service stands', () => {
  it('is known here of what is here, and else said by its host', async () => {
    const identity = await newIdentity()
    const nothing = (): never => assert.fail('nothing is followed')
    const headOf = async (host: string, here?: number) => {
      const history = { head: async () => (here === undefined ? undefined : { commit: SERVICE, seq: here }) } as never
      const remote = { head: async () => ({ commit: SERVICE, seq: 3 }) } as never
      const resolveService = async () => ({ service: SERVICE, host }) as never
      const parts = { identity, history, remote, resolveService, stream: nothing, follow: nothing }
      return createStreaming(parts).head({ name: 'a' }, { signal: never })
    }
    const ids = { service: SERVICE.toString(), commit: SERVICE.toString() }
    assert.deepEqual(await headOf(identity.peerId, 7), { ...ids, seq: 7 })
    assert.deepEqual(await headOf('another', 7), { ...ids, seq: 3 })
    await assert.rejects(headOf(identity.peerId), { code: 'SERVICE_NOT_FOUND' })
  })
})

describe('following a service of another node', () => {
  /** @param stands what each attempt gives before it fails, and the code */
  const follow = async (stands: [number[], string][], from?: number, signal: AbortSignal = never, more = {}) => {
    const identity = await newIdentity()
    const asked: (number | undefined)[] = []
    const remote = {
      head: async () => ({ seq: 3 }),
      async *subscribe(_host: string, _service: CID, next: number | undefined) {
        const [seqs, code] = stands[asked.push(next) - 1] ?? [[], 'CONNECTION_LOST']
        for (const seq of seqs) yield commitOf(seq)
        throw failure(code)
      },
      ...more,
    } as unknown as Remote
    const resolveService = async () => ({ service: SERVICE, host: 'another' }) as never
    const nothing = (): never => assert.fail('nothing of this is here')
    const history = { head: async () => undefined }
    const streaming = createStreaming({ identity, history, remote, resolveService, stream: nothing, follow: nothing })
    const found: Items['subscribe'][] = []
    const onItem = async (item: Items['subscribe']): Promise<void> => void found.push(item)
    const code = await streaming
      .subscribe({ name: 'a', ...(from === undefined ? {} : { from }) }, { signal, onItem })
      .then(
        () => 'none',
        (error: { code?: string }) => error.code,
      )
    return { code, asked, found }
  }

  it('goes on where it was when the connection was lost', async () => {
    const { code, asked, found } = await follow([
      [[4, 5], 'CONNECTION_LOST'],
      [[6], 'ACCESS_DENIED'],
    ])
    assert.deepEqual([code, asked], ['ACCESS_DENIED', [4, 6]])
    assert.deepEqual(
      found.map(({ seq, events }) => [seq, events]),
      [4, 5, 6].map((seq) => [seq, [{ name: 'at', value: seq }]]),
    )
  })

  it('misses nothing although nothing was committed before the connection was lost', async () => {
    const { asked, found } = await follow([
      [[], 'CONNECTION_LOST'],
      [[4], 'SERVICE_NOT_FOUND'],
    ])
    assert.deepEqual(asked, [4, 4])
    assert.deepEqual(
      found.map(({ seq }) => seq),
      [4],
    )
  })

  it('gives up what another reason ends, and what it never knew where to begin with', async () => {
    assert.deepEqual((await follow([[[1], 'SERVICE_NOT_FOUND']])).asked, [4])
    const away = { head: () => Promise.reject(failure('PEER_UNREACHABLE')) }
    assert.deepEqual(await follow([], undefined, never, away), { code: 'PEER_UNREACHABLE', asked: [], found: [] })
  })

  it('stops trying when nobody waits for it', async () => {
    const controller = new AbortController()
    const done = follow([[[], 'PEER_UNREACHABLE']], 3, controller.signal)
    setImmediate(() => controller.abort())
    const { asked } = await done
    assert(asked.length >= 1 && asked.length <= MAX_FOLLOW_RETRIES)
    assert(asked.every((from) => from === 3))
  })
})
