/** What is said of a call that failed, of what other nodes may have done for it. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { CallsError } from '../../daemon/calls/errors.ts'
import type { Remote } from '../../daemon/calls/remote/remote.ts'
import type { Abroad } from '../../daemon/calls/tree/abroad.ts'
import { createCallAway } from '../../daemon/calls/tree/ask-away.ts'
import { createEffectsAway } from '../../daemon/calls/tree/effects-away.ts'
import { emptyNetwork } from '../support/invite.ts'

const SERVICE = CID.parse('bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae')
const FAILED = new CallsError('CONTRACT_THREW', 'It threw.', 'nothing was changed')

describe('what others did for a call that failed', () => {
  /** What is told after one ask on another network, that fails as `call` does on the node there, or because there is none. */
  const toldAfter = async (call?: Pick<Remote, 'call'>['call']): Promise<string> => {
    const abroad: Abroad = async (_invite, _options, work) => {
      if (call === undefined) throw new CallsError('NETWORK_UNREACHABLE', 'Nobody answers.', '')
      return work({ remote: { call } } as never)
    }
    const parts = {
      remote: { call: () => assert.fail('on this network') },
      abroad,
      checkAnswer: assert.fail,
      now: Date.now,
    }
    const { callAway, told } = createEffectsAway(createCallAway(parts))
    const fn = { name: 'add', kind: 'call', params: [], result: { kind: 'unknown' }, doc: '' } as never
    const there = { network: emptyNetwork('there'), addresses: [] }
    const route = { name: 'there.land/alice/far', service: SERVICE, fn, host: 'far', abroad: there }
    const share = { tree: { id: 'tree', time: 1 }, most: 1n, ms: 1, signal: new AbortController().signal }
    await assert.rejects(callAway(route, new Uint8Array(), share))
    return (told(FAILED) as CallsError).hint
  }

  it('is nothing where no node of their network was reached', async () => {
    assert.equal(await toldAfter(), 'nothing was changed')
  })

  it('is nothing where it was not sent, or refused', async () => {
    const refused = async (): Promise<never> => {
      throw new CallsError('ACCESS_DENIED', 'No.', '')
    }
    assert.equal(await toldAfter(refused), 'nothing was changed')
  })

  it('may be all of it where it was sent, and nobody knows', async () => {
    const failed: Remote['call'] = async (_host, _envelope, { onSent }) => {
      onSent?.()
      throw new CallsError('HOST_FAILED', 'Something went wrong.', '')
    }
    assert.match(await toldAfter(failed), /what others did for it stays/)
  })
})
