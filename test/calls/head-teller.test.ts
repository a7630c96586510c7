/** Where the services of a node stand is told when they move, and once more behind what is published. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { MAX_HEADS_TOLD_AGAIN } from '../../daemon/calls/homes/constants.ts'
import { createHeadTeller, type HeadTeller } from '../../daemon/calls/homes/head-teller.ts'
import { verifyHead } from '../../registry/home/head.ts'
import type { HeadNews, Publication } from '../../registry/home/types.ts'
import { link, listOf, NETWORK, NOON, type Person, person } from '../registry/helpers.ts'
import { testNetwork } from '../support/network.ts'
import { untilTrue } from '../support/until.ts'

describe('what is told of heads', () => {
  let alice: Person
  let teller: HeadTeller
  let time: number
  let issued: number
  let published: string[]
  let head: { commit: CID; seq: number }
  let sent: Uint8Array[]

  const news = (): Promise<HeadNews[]> =>
    Promise.all(sent.map((bytes) => verifyHead(bytes, { network: NETWORK, now: time })))

  beforeEach(async () => {
    alice = await person(1)
    ;[time, issued, published, sent] = [NOON, NOON, ['forum'], []]
    head = { commit: link('c5'), seq: 5 }
    teller = createHeadTeller({
      identity: {
        ...{ peerId: alice.peer, user: alice.user, node: alice.signer, owner: alice.signer },
        network: testNetwork('', NETWORK),
      },
      registry: {
        publication: () => ({ list: listOf(...published), node: { issued } }) as unknown as Publication,
      },
      history: { head: async () => head as never },
      send: async (bytes) => void sent.push(bytes),
      now: () => time,
    })
  })
  afterEach(() => teller.stop())

  it('is the same once more for those who come later', async () => {
    await teller.tellAgain()
    assert.equal(sent.length, 0, 'nothing has moved')
    teller.moved(link('forum'))
    await untilTrue(() => sent.length === 1)
    time += 1
    await teller.tellAgain()
    assert.deepEqual(sent[1], sent[0])
  })

  it('is signed anew behind a list that was, whose own heads are old', async () => {
    teller.moved(link('forum'))
    await untilTrue(() => sent.length === 1)
    time = issued = NOON + 10
    await teller.tellAgain()
    const [, second] = await news()
    assert.deepEqual([second?.seq, second?.time, second?.commit.toString()], [5, time, link('c5').toString()])
  })

  it('is no more than the list says, and nothing of what is no longer published', async () => {
    teller.moved(link('forum'))
    await untilTrue(() => sent.length === 1)
    published = ['another']
    await teller.tellAgain()
    assert.equal(sent.length, 1)
  })

  it('is bounded: those that moved last', async () => {
    published = Array.from({ length: MAX_HEADS_TOLD_AGAIN + 2 }, (_, number) => `s${number}`)
    for (const name of published) teller.moved(link(name))
    await untilTrue(() => sent.length === published.length)
    sent.length = 0
    await teller.tellAgain()
    const services = (await news()).map(({ service }) => service.toString())
    assert.equal(services.length, MAX_HEADS_TOLD_AGAIN)
  })
})
