import assert from 'node:assert/strict'
import { ProtocolError } from '../../protocol/errors.ts'
import { createBudget } from '../../protocol/session/budget.ts'
import { createOffences } from '../../protocol/session/offences.ts'
import { createSessionTable } from '../../protocol/session/session-table.ts'
import type { Session, SessionEnd } from '../../protocol/session/session-types.ts'
import { unreachable } from '../../protocol/session/unreachable.ts'

describe('internode offences', () => {
  it('refuses after enough of them within the window, until the time is over', () => {
    let time = 0
    const offences = createOffences({ offences: 3, offenceWindowMs: 100, refusalMs: 1_000, peers: 10 }, () => time)
    for (time of [0, 60, 120]) offences.record('a')
    assert.equal(offences.refusedFor('a'), 0, 'the first is outside the window')
    time = 150
    offences.record('a')
    assert.equal(offences.refusedFor('a'), 1_000)
    assert.equal(offences.refusedFor('b'), 0)
    time = 1_149
    assert.equal(offences.refusedFor('a'), 1)
    time = 1_150
    assert.equal(offences.refusedFor('a'), 0)
  })

  it('remembers a bounded number of peers, the latest', () => {
    const offences = createOffences({ offences: 1, offenceWindowMs: 1, refusalMs: 1_000, peers: 3 }, () => 0)
    for (const peer of ['a', 'b', 'c', 'a', 'd']) offences.record(peer)
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((peer) => offences.refusedFor(peer) > 0),
      [true, false, true, true],
    )
  })
})

describe('internode budgets', () => {
  it('bound requests and bytes, of a part and of the whole', () => {
    const whole = createBudget({ requests: 3, bytes: 100 })
    const [one, two] = [
      createBudget({ requests: 2, bytes: 1_000 }, whole),
      createBudget({ requests: 2, bytes: 50 }, whole),
    ]
    assert.deepEqual([one.take(40), one.take(40), one.take(1)], [true, true, false])
    assert.deepEqual([two.take(30), two.take(20)], [false, true])
    one.give(40)
    assert.deepEqual([two.take(31), two.take(30)], [false, true])
    assert.deepEqual([one.requests, two.requests, whole.requests], [1, 2, 3])
  })

  it('always have room for one frame', () => {
    assert.equal(createBudget({ requests: 1, bytes: 10 }).take(1_000), true)
  })
})

describe('internode: why a peer is unreachable', () => {
  it('looks into aggregates and causes, says each reason once, and only what it knows', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:4001'), { code: 'ECONNREFUSED' })
    const strange = Object.assign(new Error('/home/alice/secret'), { name: 'OddError' })
    const wrapped = new Error('dial', { cause: Object.assign(new Error(), { code: 'EHOSTUNREACH' }) })
    const error = unreachable('P', new AggregateError([refused, new AggregateError([refused, wrapped]), strange]))
    assert.equal(error.code, 'PEER_UNREACHABLE')
    assert.ok(error.retryable)
    assert.equal(
      error.message,
      'The peer P cannot be reached: nothing listens at its address; there is no route to its address; the dial failed with OddError.',
    )
    assert.equal(unreachable('P', undefined).code, 'PEER_UNREACHABLE')
    const own = new ProtocolError('STOPPED', 'x')
    assert.equal(unreachable('P', own), own)
  })
})

describe('internode session table', () => {
  interface Played extends Session {
    retired: string[]
    end(): void
    idle: boolean
  }

  function play(peer: string, opener: 'local' | 'remote', used = 0): Played {
    const closed = Promise.withResolvers<SessionEnd>()
    const retired: string[] = []
    return {
      peer,
      opener,
      retired,
      idle: true,
      ready: Promise.resolve(),
      closed: closed.promise,
      end: () => closed.resolve({ error: new ProtocolError('STOPPED', 'x'), isOffence: false }),
      request: async () => undefined,
      async *stream() {},
      retire: (reason) => void retired.push(reason),
      close: async () => undefined,
      abandon: () => undefined,
      info: () => assert.fail('not asked here'),
      isEnding: () => retired.length > 0,
      isIdle() {
        return this.idle
      },
      lastUsed: () => used,
    }
  }
  const limits = { sessions: 2, sessionsPerPeer: 3 }
  // this node is m
  const create = (): ReturnType<typeof createSessionTable> => createSessionTable(limits, (peer) => peer < 'm')

  for (const [peer, winner] of [
    ['a', 'remote'],
    ['z', 'local'],
  ] as const) {
    for (const order of [
      ['local', 'remote'],
      ['remote', 'local'],
    ] as const) {
      it(`of two streams with ${peer}, opened ${order.join(' then ')}, keeps the ${winner} one`, () => {
        const table = create()
        const sessions = order.map((opener) => play(peer, opener))
        for (const session of sessions) assert.ok(table.admit(session))
        for (const session of sessions) table.begin(session)
        assert.equal(table.get(peer)?.opener, winner)
        for (const { opener, retired } of sessions) assert.deepEqual(retired, opener === winner ? [] : ['REPLACED'])
      })
    }
  }

  it('keeps the newer of two by the same opener, and any that is not ending', () => {
    const table = create()
    const [old, young, losing] = [play('a', 'remote'), play('a', 'remote'), play('a', 'local')]
    for (const session of [old, young, losing]) table.admit(session)
    table.begin(old)
    table.begin(young)
    assert.equal(table.get('a'), young)
    young.retire('IDLE')
    assert.equal(table.get('a'), undefined)
    table.begin(losing)
    assert.equal(table.get('a'), losing)
  })

  it('bounds sessions per peer and in all, and lets go of the one idle for longest', async () => {
    const table = create()
    assert.deepEqual(
      [1, 2, 3, 4].map(() => table.admit(play('a', 'remote'))),
      [true, true, true, false],
    )
    const other = create()
    const [first, second, third] = [play('a', 'local', 2), play('b', 'local', 1), play('c', 'local', 3)]
    for (const session of [first, second]) {
      other.admit(session)
      other.begin(session)
    }
    assert.ok(other.admit(third))
    assert.deepEqual([first.retired, second.retired], [[], ['IDLE']])
    other.begin(third)
    for (const session of [first, third]) session.idle = false
    assert.equal(other.admit(play('d', 'remote')), false)
    third.end()
    await third.closed
    assert.equal(other.get('c'), undefined)
    assert.ok(other.admit(play('d', 'remote')))
  })
})
