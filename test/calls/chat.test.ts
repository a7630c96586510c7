import assert from 'node:assert/strict'
import { join } from 'node:path'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Chat, createChat } from '../../daemon/calls/chat/chat.ts'
import {
  CHAT_LIFETIME_MS,
  CHAT_RETRY_MS,
  MAIL_LIMITS,
  MAX_CHAT_RETRY_MS,
} from '../../daemon/calls/chat/chat-constants.ts'
import { type Mailbox, openMailbox } from '../../daemon/calls/chat/mailbox.ts'
import { forPeers } from '../../daemon/calls/remote/for-peers.ts'
import { refusalOf } from '../../daemon/calls/remote/refusal.ts'
import type { Identity, Target } from '../../daemon/calls/types.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { signMessage } from '../../protocol/chat.ts'
import { toCodedError } from '../../protocol/coded-error.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { userIdOf } from '../../protocol/signed/user-id.ts'
import { testNetwork } from '../support/network.ts'
import { tempFolder } from '../support/temp.ts'
import { untilTrue } from '../support/until.ts'

const NETWORK = testNetwork()

async function createIdentity(): Promise<Identity> {
  const key = await generateKeyPair('Ed25519')
  const node = await generateKeyPair('Ed25519')
  const owner = { publicKey: publicKeyToProtobuf(key.publicKey), sign: async (bytes: Uint8Array) => key.sign(bytes) }
  const peerId = peerIdFromPrivateKey(node).toString()
  return { peerId, user: userIdOf(owner.publicKey), node: owner, owner, network: NETWORK }
}

const unreachable = (): ProtocolError => new ProtocolError('PEER_UNREACHABLE', 'away', { party: 'network' })
const refusal = (code: string): ProtocolError => new ProtocolError(code, 'no', { party: 'remote' })

describe('chat', () => {
  const signal = new AbortController().signal
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let database: LocalDatabase
  let mailbox: Mailbox
  let me: Identity
  let friend: Identity
  let chat: Chat
  let time: number
  let logged: string[]
  /** what each peer does with a message; those that are not here are away */
  let peers: Map<string, (message: Uint8Array) => Promise<unknown>>
  /** peers in the order in which they were asked */
  let asked: string[]
  /** users with their nodes */
  let homes: Map<string, string[]>

  const resolve = async (name: string): Promise<Target> => {
    if (!name.startsWith('~')) return { kind: 'node', name, peers: [name], source: '', age: 0 }
    const user = name.slice(1)
    const nodes = homes.get(user)
    if (nodes === undefined) throw Object.assign(new Error('not found'), { code: 'HOME_UNREACHABLE' })
    return { kind: 'node', name, peers: nodes, user, source: '', age: 0 }
  }
  const userOf = async (name: string): Promise<string> => name.slice(1)
  const start = (box: Mailbox): Chat =>
    createChat({
      identity: me,
      mailbox: box,
      internode: {
        async request(peer, method, body) {
          assert.equal(method, 'chat')
          asked.push(peer)
          const receive = peers.get(peer)
          if (receive === undefined) throw unreachable()
          return receive((body as { message: Uint8Array }).message)
        },
      },
      resolve,
      userOf,
      now: () => time,
      log: (line) => logged.push(line),
    })
  const stateOf = (id: string): string | undefined => mailbox.get(id)?.state
  const send = (to: string, text = 'hi'): ReturnType<Chat['send']> => chat.send(to, text, { signal })
  const later = (ms: number): void => {
    time += ms
  }
  const accept = async (): Promise<unknown> => ({ state: 'delivered' })

  /** A message as its sender's node would deliver it to this node. */
  const letterFrom = async (sender: Identity, text: string, to: string = me.user): Promise<{ message: Uint8Array }> => {
    const id = crypto.getRandomValues(new Uint8Array(16))
    return { message: await signMessage({ network: NETWORK.id, id, to, time, text }, sender.owner) }
  }
  const receive = (letter: unknown, peer: string): Promise<unknown> => chat.receive(letter, { peer, signal })

  before(async () => {
    me = await createIdentity()
    friend = await createIdentity()
  })
  beforeEach(async () => {
    folder = await tempFolder()
    database = await openDatabase(join(folder.path, 'store'))
    mailbox = await openMailbox(database, { log: () => {} })
    time = Date.UTC(2026, 0, 1)
    logged = []
    asked = []
    peers = new Map()
    homes = new Map()
    chat = start(mailbox)
  })
  afterEach(async () => {
    await chat.stop()
    await database.close()
    await folder.remove()
  })

  describe('delivers', () => {
    it('at once if one of the nodes of the receiver is there, and lets those that are away wait for nothing', async () => {
      homes.set(friend.user, ['away', 'there'])
      peers.set('there', accept)
      const { id, to, state } = await send(`~${friend.user}`)
      assert.deepEqual([to, state, stateOf(id)], [friend.user, 'delivered', 'delivered'])
      assert.equal(mailbox.get(id)?.bytes.byteLength, 0, 'nobody needs the signed bytes any more')
    })

    it('what waited, in its order, when the peer connects', async () => {
      const sent = [await send(friend.peerId, '1'), await send(friend.peerId, '2')]
      assert.deepEqual(
        sent.map(({ state }) => state),
        ['queued', 'queued'],
      )
      const got: unknown[] = []
      const other = await openMailbox(database, { log: () => {} })
      assert.equal(other.queued().length, 2, 'it is on disk')
      peers.set(friend.peerId, async (message) => got.push(message))
      await chat.flush('somebody else')
      assert.deepEqual(got, [])
      const waiting = mailbox.queued().map(({ bytes }) => bytes)
      await chat.flush(friend.peerId)
      assert.deepEqual(got, waiting)
      assert.deepEqual(
        sent.map(({ id }) => stateOf(id)),
        ['delivered', 'delivered'],
      )
    })

    it('to a user whose node connects, though nothing of the user was due', async () => {
      homes.set(friend.user, ['node of a friend'])
      const { id } = await send(`~${friend.user}`)
      peers.set('node of a friend', accept)
      await chat.flush('node of a friend')
      assert.equal(stateOf(id), 'delivered')
    })

    it('to a user who could not be found, as soon as this node is not alone any more', async () => {
      homes.set(friend.user, ['old node'])
      const { id } = await send(`~${friend.user}`)
      homes.delete(friend.user)
      chat = start(mailbox)
      await chat.flush()
      homes.set(friend.user, ['new node'])
      peers.set('new node', accept)
      await chat.flush('somebody')
      assert.equal(stateOf(id), 'queued', 'not at every connection')
      later(CHAT_RETRY_MS)
      await chat.flush('somebody')
      assert.equal(stateOf(id), 'delivered')
    })

    it('nothing to itself', async () => {
      homes.set(me.user, [me.peerId])
      for (const name of [`~${me.user}`, me.peerId]) await assert.rejects(send(name), { code: 'NAME_NOT_SUPPORTED' })
      assert.deepEqual(mailbox.all(), [])
    })

    it('and says that a message is queued as soon as the caller has no more patience', async () => {
      const caller = new AbortController()
      const held = Promise.withResolvers<void>()
      peers.set(friend.peerId, () => held.promise)
      const sending = chat.send(friend.peerId, 'hi', { signal: caller.signal })
      await untilTrue(() => asked.length !== 0)
      caller.abort()
      const { id, state } = await sending
      assert.equal(state, 'queued')
      held.resolve()
      await chat.flush()
      assert.equal(stateOf(id), 'delivered')
    })
  })

  describe('of a refusal', () => {
    it('tells its code, keeps it, and does not try again', async () => {
      for (const code of ['INBOX_FULL', 'MESSAGE_INVALID', 'WRONG_NETWORK', 'UNKNOWN_METHOD', 'FROM_THE_FUTURE']) {
        peers.set(friend.peerId, async () => {
          throw refusal(code)
        })
        const { id, state, code: told } = await send(friend.peerId)
        assert.deepEqual([state, told], ['refused', code])
        assert.deepEqual([stateOf(id), mailbox.get(id)?.code], ['refused', code])
      }
      const { messages } = await chat.inbox({}, { signal })
      assert.ok(messages.every(({ state, code }) => state === 'refused' && code !== undefined))
      const before = asked.length
      later(MAX_CHAT_RETRY_MS)
      await chat.flush()
      await chat.flush(friend.peerId)
      assert.equal(asked.length, before)
    })

    it('makes nothing that passes, nor what is not the word of the receiver', async () => {
      const passing = [
        unreachable(),
        new ProtocolError('INBOX_FULL', 'said by this node', { party: 'local' }),
        new Error('fault'),
        ...[
          'BUSY',
          'TIMED_OUT',
          'INTERNAL',
          'HOST_FAILED',
          'STOPPED',
          'STORE_UNAVAILABLE',
          'PEER_REFUSED',
          'FRAME_TOO_LARGE',
        ].map(refusal),
      ]
      for (const error of passing) {
        peers.set(friend.peerId, async () => {
          throw error
        })
        const { id, state } = await send(friend.peerId)
        assert.deepEqual([state, stateOf(id)], ['queued', 'queued'], String((error as ProtocolError).code))
        peers.set(friend.peerId, accept)
        await chat.flush(friend.peerId)
      }
    })

    it('by one node of several makes none if another keeps it', async () => {
      homes.set(friend.user, ['full', 'away', 'there'])
      peers.set('full', async () => {
        throw refusal('INBOX_FULL')
      })
      assert.equal((await send(`~${friend.user}`)).state, 'refused')
      peers.set('there', accept)
      assert.equal((await send(`~${friend.user}`)).state, 'delivered')
    })

    it('goes on with the messages behind', async () => {
      const first = await send(friend.peerId, '1')
      const second = await send(friend.peerId, '2')
      let count = 0
      peers.set(friend.peerId, async () => {
        if (count++ === 0) throw refusal('MESSAGE_INVALID')
      })
      await chat.flush(friend.peerId)
      assert.deepEqual([stateOf(first.id), stateOf(second.id)], ['refused', 'delivered'])
    })
  })

  describe('with receivers that are away', () => {
    it('looks for them less and less often, with one message each', async () => {
      await send(friend.peerId, '1')
      await send(friend.peerId, '2')
      asked = []
      const minutes = 8 * 60
      for (let at = 0; at < minutes * 60_000; at += CHAT_RETRY_MS) {
        later(CHAT_RETRY_MS)
        await chat.flush()
      }
      const least = (minutes * 60_000) / MAX_CHAT_RETRY_MS
      assert.ok(asked.length >= least - 1 && asked.length <= least + 5, `${asked.length} tries`)
    })

    it('does not go on waiting long for one that has connected and was not ready yet', async () => {
      const { id } = await send(friend.peerId)
      for (let tries = 0; tries < 9; tries++) {
        later(MAX_CHAT_RETRY_MS)
        await chat.flush()
      }
      await chat.flush(friend.peerId)
      peers.set(friend.peerId, accept)
      later(CHAT_RETRY_MS)
      await chat.flush()
      assert.equal(stateOf(id), 'delivered')
    })

    it('lets none hold up the others', async () => {
      const silent = await Promise.all([createIdentity(), createIdentity(), createIdentity()])
      for (const { peerId } of silent) await send(peerId)
      const { id } = await send(friend.peerId)
      const held = Promise.withResolvers<void>()
      for (const { peerId } of silent) peers.set(peerId, () => held.promise)
      peers.set(friend.peerId, accept)
      later(MAX_CHAT_RETRY_MS)
      const flushed = chat.flush()
      await untilTrue(() => stateOf(id) === 'delivered')
      assert.equal(mailbox.queued().length, 3)
      held.resolve()
      await flushed
      assert.equal(mailbox.queued().length, 0)
    })

    it('tries a few at a time, and whoever has just connected first', async () => {
      const users = await Promise.all(Array.from({ length: 20 }, createIdentity))
      const last = users.at(-1)!.peerId
      let running = 0
      let most = 0
      for (const { peerId } of users) {
        await send(peerId)
        peers.set(peerId, async () => {
          most = Math.max(most, ++running)
          await new Promise(setImmediate)
          running -= 1
        })
      }
      asked = []
      later(MAX_CHAT_RETRY_MS)
      const all = chat.flush()
      await chat.flush(last)
      await all
      assert.ok(most > 1 && most <= 4, `${most}`)
      assert.ok(asked.indexOf(last) < 6, `${asked.indexOf(last)}`)
      assert.equal(mailbox.queued().length, 0)
    })

    it('tries again what is failing just now for whoever has connected meanwhile, and for nobody else', async () => {
      const held = Promise.withResolvers<void>()
      peers.set(friend.peerId, async () => {
        await held.promise
        throw unreachable()
      })
      const sending = send(friend.peerId)
      await untilTrue(() => asked.length !== 0)
      const flushed = [chat.flush(), chat.flush('somebody')]
      peers.set(friend.peerId, accept)
      held.resolve()
      assert.equal((await sending).state, 'queued')
      await Promise.all(flushed)
      assert.equal(asked.length, 1)

      later(CHAT_RETRY_MS)
      const again = Promise.withResolvers<void>()
      peers.set(friend.peerId, async () => {
        await again.promise
        throw unreachable()
      })
      const trying = chat.flush()
      await untilTrue(() => asked.length !== 1)
      const connected = chat.flush(friend.peerId)
      peers.set(friend.peerId, accept)
      again.resolve()
      await Promise.all([trying, connected])
      assert.deepEqual([asked.length, mailbox.queued().length], [3, 0])
    })

    it('gives them up after a month and a last try', async () => {
      const { id } = await send(friend.peerId)
      asked = []
      later(CHAT_LIFETIME_MS + 1)
      await chat.flush()
      assert.deepEqual([stateOf(id), mailbox.get(id)?.code, asked], ['refused', 'TIMED_OUT', [friend.peerId]])
    })

    it('does not wait for them when it stops', async () => {
      peers.set(friend.peerId, () => new Promise(() => {}))
      chat = createChat({
        identity: me,
        mailbox,
        internode: {
          request: (peer, _method, _body, options) => {
            asked.push(peer)
            return new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(unreachable())))
          },
        },
        resolve,
        userOf,
        now: () => time,
        log: (line) => logged.push(line),
      })
      const sending = send(friend.peerId)
      await untilTrue(() => asked.length !== 0)
      await chat.stop()
      assert.equal((await sending).state, 'queued')
    })

    it('keeps what it could not note down, and says so', async () => {
      peers.set(friend.peerId, accept)
      const faulty: Mailbox = {
        ...mailbox,
        setState: async () => {
          throw Object.assign(new Error('/home/me: no space'), { code: 'STORE_UNAVAILABLE' })
        },
      }
      chat = start(faulty)
      const { id, state } = await send(friend.peerId)
      assert.deepEqual([state, stateOf(id)], ['queued', 'queued'])
      assert.equal(logged.length, 1)
      assert.match(logged[0]!, /STORE_UNAVAILABLE/)
      assert.doesNotMatch(logged[0]!, /home/)
    })
  })

  describe('receives', () => {
    it('what is signed and for this user or node, once', async () => {
      const letter = await letterFrom(friend, 'hello')
      for (const _ of [1, 2]) assert.deepEqual(await receive(letter, friend.peerId), { state: 'delivered' })
      await receive(await letterFrom(friend, 'hello node', me.peerId), friend.peerId)
      const { messages, more } = await chat.inbox({}, { signal })
      assert.equal(more, false)
      assert.deepEqual(
        messages.map(({ from, text, state }) => [from, text, state]),
        [
          [friend.user, 'hello', 'received'],
          [friend.user, 'hello node', 'received'],
        ],
      )
    })

    it('nothing else', async () => {
      const letter = await letterFrom(friend, 'hello')
      const forged = letter.message.slice()
      forged[forged.length - 1]! ^= 1
      const wrong = [null, {}, { message: 'text' }, { message: forged }, { message: new Uint8Array(20_000) }]
      for (const body of [...wrong, await letterFrom(friend, 'hi', friend.user)])
        await assert.rejects(receive(body, friend.peerId), (error: { code: string }) =>
          /^(MESSAGE|SIGNATURE)_INVALID$/.test(error.code),
        )
      assert.deepEqual(mailbox.all(), [])
    })

    it('what it could not write down once it comes again, and says nothing of its disk', async () => {
      const letter = await letterFrom(friend, 'hello')
      const full: Mailbox = {
        ...mailbox,
        add: async () => {
          throw Object.assign(new Error('/home/me: no space'), { code: 'STORE_UNAVAILABLE' })
        },
      }
      const failed = forPeers(start(full).receive, (line) => logged.push(line))(letter, { peer: friend.peerId, signal })
      await assert.rejects(failed, { code: 'HOST_FAILED' })
      assert.equal(logged.length, 1)
      assert.equal(refusalOf(refusal('HOST_FAILED')), undefined, 'so that the sender comes again')
      await receive(letter, friend.peerId)
      assert.equal(mailbox.all().length, 1)
    })

    it('a friend, however many strangers have written', async () => {
      peers.set('node of a friend', accept)
      homes.set(friend.user, ['node of a friend'])
      await send(`~${friend.user}`)
      const codes = new Set<string>()
      for (let key = 0; key < 4; key++) {
        const stranger = await createIdentity()
        for (let index = 0; index < MAIL_LIMITS.sender.messages + 1; index++) {
          const sent = receive(await letterFrom(stranger, `${index}`), 'one connection')
          await sent.catch((error) => codes.add(toCodedError(error).code))
        }
      }
      assert.deepEqual([...codes], ['INBOX_FULL'])
      assert.equal(mailbox.all().length, 1 + MAIL_LIMITS.peer.messages)
      await receive(await letterFrom(friend, 'still there?'), 'node of a friend')
      assert.equal(mailbox.all().at(-1)?.text, 'still there?')
    })
  })

  describe('shows', () => {
    it('the newest first of all, and marks as read what it showed and nothing else', async () => {
      for (const text of ['1', '2', '3']) await receive(await letterFrom(friend, text), friend.peerId)
      const states = (): string[] => mailbox.all().map(({ state }) => state)
      const peeked = await chat.inbox({ limit: 2 }, { signal })
      assert.deepEqual(
        peeked.messages.map(({ text }) => text),
        ['2', '3'],
      )
      assert.equal(peeked.more, true)
      assert.deepEqual(Object.keys(peeked.messages[0]!).sort(), ['from', 'id', 'room', 'state', 'text', 'time', 'to'])
      assert.deepEqual(states(), ['received', 'received', 'received'])
      await chat.inbox({ limit: 2, markRead: true }, { signal })
      assert.deepEqual(states(), ['received', 'read', 'read'])
      const older = await chat.inbox({ before: peeked.messages[0]!.id, markRead: true }, { signal })
      assert.deepEqual([older.messages.map(({ text }) => text), older.more], [['1'], false])
      assert.deepEqual(states(), ['read', 'read', 'read'])
      await assert.rejects(chat.inbox({ before: 'unheard of' }, { signal }), { code: 'MESSAGE_NOT_FOUND' })
    })

    it('one conversation, asking nobody who that is', async () => {
      await receive(await letterFrom(friend, 'from a friend'), friend.peerId)
      await receive(await letterFrom(await createIdentity(), 'psst'), 'elsewhere')
      for (const name of [`~${friend.user}`, friend.peerId]) {
        const { messages } = await chat.inbox({ with: name }, { signal })
        assert.deepEqual(
          messages.map(({ text }) => text),
          ['from a friend'],
        )
      }
      await assert.rejects(chat.inbox({ with: 'local.land/_/x' }, { signal }), { code: 'NAME_NOT_SUPPORTED' })
      await assert.rejects(chat.inbox({ with: '' }, { signal }), { code: 'NAME_INVALID' })
    })
  })
})
