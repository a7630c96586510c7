import assert from 'node:assert/strict'
import { ApiError } from '../../daemon/api/errors.ts'
import { MAX_READS_AGAIN, MAX_RESENDS } from '../../daemon/calls/constants.ts'
import { beforeSending, orUnknown, resending } from '../../daemon/calls/receipt/outcome.ts'
import { askAgain } from '../../daemon/calls/remote/again.ts'

const failure = (code: string): Error => new ApiError(code, code)

/** Fails with these codes, one after the other, then succeeds. */
function sender(codes: string[]): { send: (onSent: () => void) => Promise<string>; count: () => number } {
  let sent = 0
  const send = async (onSent: () => void): Promise<string> => {
    const code = codes[sent++]
    if (code?.startsWith('never ')) throw failure(code.slice('never '.length))
    onSent()
    if (code !== undefined) throw failure(code)
    return 'done'
  }
  return { send, count: () => sent }
}

/** Without the pauses, which are noted down. */
const pauses: number[] = []
const wait = async (ms: number): Promise<unknown> => pauses.push(ms)
const options = { signal: new AbortController().signal, random: () => 0, wait }

describe('what becomes of a call that is sent', () => {
  beforeEach(() => pauses.splice(0))

  it('is sent again after pauses that grow, until its host is back', async () => {
    const { send } = sender(['CONNECTION_LOST', ...Array.from({ length: 6 }, () => 'never PEER_UNREACHABLE')])
    assert.equal(await resending(send, options), 'done')
    assert.deepEqual(pauses, [100, 200, 400, 800, 1_600, 3_000, 3_000])
    await resending(sender(['CONNECTION_LOST', 'CONNECTION_LOST']).send, { ...options, random: () => 1 })
    assert.deepEqual(pauses.slice(7), [50, 100], 'half as long by chance')
  })

  it('is not sent again once nobody waits for it', async () => {
    const leaving = new AbortController()
    const { send, count } = sender(['CONNECTION_LOST', 'CONNECTION_LOST'])
    const gone = { ...options, signal: leaving.signal, wait: async () => leaving.abort() }
    await assert.rejects(resending(send, gone), { code: 'OUTCOME_UNKNOWN' })
    assert.equal(count(), 1)
  })

  it('matters less of a question: it is asked again, a few times', async () => {
    const asker = (codes: string[]) => () => {
      const code = codes.shift()
      return code === undefined ? Promise.resolve('answer') : Promise.reject(failure(code))
    }
    assert.equal(await askAgain(asker(['CONNECTION_LOST', 'PEER_UNREACHABLE', 'BUSY']), options), 'answer')
    await assert.rejects(askAgain(asker(['PEER_UNREACHABLE']), options), { code: 'PEER_UNREACHABLE' })
    await assert.rejects(askAgain(asker(['CONNECTION_LOST', 'ACCESS_DENIED']), options), { code: 'ACCESS_DENIED' })
    const all = Array.from({ length: MAX_READS_AGAIN + 1 }, () => 'CONNECTION_LOST')
    await assert.rejects(askAgain(asker(all), options), { code: 'CONNECTION_LOST' })
    assert.equal(all.length, 0)
  })

  it('is sent again when the connection is lost', async () => {
    const { send, count } = sender(['CONNECTION_LOST', 'CONNECTION_LOST'])
    assert.equal(await resending(send, options), 'done')
    assert.equal(count(), 3)
  })

  it('is unknown when it may have arrived and nobody answers', async () => {
    const cases = [
      Array.from({ length: MAX_RESENDS + 1 }, () => 'CONNECTION_LOST'),
      ['TIMED_OUT'],
      ['CANCELLED'],
      ['FRAME_MALFORMED'],
      ['FLOODING'],
      ['CONNECTION_LOST', ...Array.from({ length: MAX_RESENDS }, () => 'never PEER_UNREACHABLE')],
      // the host that is too busy for the second says nothing of the first
      ['CONNECTION_LOST', ...Array.from({ length: MAX_RESENDS }, () => 'SERVICE_BUSY')],
      ['CONNECTION_LOST', 'never TIMED_OUT'],
    ]
    for (const codes of cases) {
      const { send, count } = sender(codes)
      await assert.rejects(resending(send, options), { code: 'OUTCOME_UNKNOWN', outcome: 'unknown' }, codes.join())
      assert.equal(count(), codes.length)
    }
  })

  it('is known when it was never sent, or refused', async () => {
    for (const code of ['PEER_UNREACHABLE', 'TIMED_OUT', 'CANCELLED']) {
      await assert.rejects(resending(sender([`never ${code}`]).send, options), { code, outcome: 'not-sent' })
    }
    for (const code of ['OUT_OF_GAS', 'SERVICE_BUSY']) {
      await assert.rejects(resending(sender([code]).send, options), { code, outcome: 'refused' })
    }
    await assert.rejects(resending(sender(['CONNECTION_LOST', 'OUT_OF_GAS']).send, options), { code: 'OUT_OF_GAS' })
  })

  it('is unknown when the host failed at it, or answered without proof', async () => {
    for (const code of ['HOST_FAILED', 'INTERNAL', 'ANSWER_INVALID']) {
      await assert.rejects(resending(sender([code]).send, options), { code, outcome: 'unknown' })
    }
  })

  it('is known when it was executed and its answer is gone', async () => {
    const told = { code: 'PRUNED', outcome: 'executed' }
    await assert.rejects(resending(sender(['CONNECTION_LOST', 'PRUNED']).send, options), told)
    await assert.rejects(orUnknown(Promise.reject(failure('PRUNED')), options.signal), told)
  })

  it('is known when it could not be prepared', async () => {
    await assert.rejects(beforeSending(Promise.reject(failure('TIMED_OUT'))), {
      code: 'TIMED_OUT',
      outcome: 'not-sent',
    })
  })
})

describe('what becomes of a call on this node', () => {
  it('is told if it comes in time', async () => {
    assert.equal(await orUnknown(Promise.resolve(1), new AbortController().signal), 1)
  })

  it('is unknown if it runs on when the patience of its caller ends', async () => {
    const controller = new AbortController()
    const answer = orUnknown(new Promise(() => {}), controller.signal)
    controller.abort()
    await assert.rejects(answer, { code: 'OUTCOME_UNKNOWN', outcome: 'unknown' })
  })

  it('is told if it was about to be done', async () => {
    const controller = new AbortController()
    const done = Promise.withResolvers<number>()
    const answer = orUnknown(done.promise, controller.signal)
    controller.abort()
    setImmediate(done.resolve, 1)
    assert.equal(await answer, 1)
  })

  it('is known if it had not begun', async () => {
    const controller = new AbortController()
    const waiting = new Promise((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(failure('TIMED_OUT')))
    })
    const answer = orUnknown(waiting, controller.signal)
    controller.abort()
    await assert.rejects(answer, { code: 'TIMED_OUT', outcome: 'refused' })
  })
})
