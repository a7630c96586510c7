/**
 * The story of three nodes, told by the real command line: bootstrap, alice and bob, each a daemon process of its own on
 * loopback. Every step says what it does, does it, checks what came of it, and shows how long it took. Exits 0 only if all
 * of it happened.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const began = performance.now()

/** Tells a step, does it, and says how long it took. */
async function step<T>(what: string, act: () => Promise<T>, show: (result: T) => string = () => ''): Promise<T> {
  const start = performance.now()
  const result = await act()
  const ms = `${(performance.now() - start).toFixed(0)} ms`.padStart(8)
  console.log(`${ms}  ${what}${show(result) && `\n          ${show(result)}`}`)
  return result
}

const folder = await tempFolder('amigos-demo')
const nodes: RunningNode[] = []
const start = async (name: string, flags: string[] = []): Promise<RunningNode> => {
  const node = await startNode(join(folder.path, name), flags)
  nodes.push(node)
  return node
}

try {
  const hub = await step(
    'a bootstrap node starts',
    () => start('bootstrap'),
    ({ info }) => info.peerId,
  )
  const bootstrap = ['--bootstrap', hub.info.addresses[0]!]
  let alice = await step(
    'alice starts her node',
    () => start('alice', bootstrap),
    ({ info }) => info.http,
  )
  const bob = await step('bob starts his, and knows the bootstrap node alone', () => start('bob', bootstrap))
  for (const node of [alice, bob]) {
    await until(
      () => node.run<{ peers: number }>('status'),
      ({ peers }) => peers >= 1,
    )
  }

  const pushed = await step(
    'alice pushes the code of a guestbook',
    () => alice.run<{ contract: string }>('push', join(EXAMPLES, 'guestbook')),
    ({ contract }) => contract,
  )
  const book = await step(
    'alice publishes it: it runs on her node, under her key',
    () =>
      alice.run<{ name: string; contract: string; service: string; seenBy: number }>(
        'publish',
        join(EXAMPLES, 'guestbook'),
      ),
    ({ name, seenBy }) => `${name}, seen by ${seenBy}`,
  )
  assert.equal(book.contract, pushed.contract)
  assert.ok(book.seenBy >= 1, 'the record is on another node')
  const counter = await step(
    'and a counter',
    () => alice.run<{ name: string }>('publish', join(EXAMPLES, 'counter')),
    ({ name }) => name,
  )

  const found = await step(
    'bob, who never met alice, resolves the name',
    () => bob.run<{ service: string; peerId: string; source: string }>('resolve', book.name),
    ({ peerId, source }) => `hosted by ${peerId}, from ${source}`,
  )
  assert.equal(found.service, book.service)
  assert.equal(found.peerId, alice.info.peerId)

  type Called = { result: unknown; seq: number; commit: string }
  await step('bob signs the guestbook', () => bob.run<Called>('call', book.name, 'sign', 'hello from bob'))
  await step('alice signs it, too', () => alice.run<Called>('call', book.name, 'sign', 'welcome, bob'))
  const text = await step('bob reads it', () => bob.run<{ result: string }>('query', book.name, 'render', '/'))
  assert.match(text.result, /hello from bob/)
  assert.match(text.result, /welcome, bob/)

  const pulled = await step(
    'bob pulls it: code, history and state',
    () => bob.run<{ blocks: number; bytes: number; trust: string }>('pull', book.name),
    ({ blocks, bytes, trust }) => `${blocks} blocks, ${bytes} bytes, ${trust}`,
  )
  assert.ok(pulled.blocks > 0)

  for (const wanted of [1, 2, 3]) {
    const { result } = await step(`bob counts: ${wanted}`, () => bob.run<Called>('call', counter.name, 'increment'))
    assert.equal(result, wanted)
  }

  await step("alice's node is killed with kill -9", () => alice.kill())
  const offline = await step(
    'with alice gone, bob reads the guestbook from his own copy',
    () => bob.run<{ result: string; trust: string; host: string }>('query', book.name, 'render', '/'),
    ({ trust }) => `trust: ${trust}`,
  )
  assert.match(offline.result, /hello from bob/)
  assert.equal(offline.host, bob.info.peerId)
  const queued = await step(
    'bob writes to alice meanwhile',
    () => bob.run<{ state: string }>('chat', alice.info.peerId, 'are you there?'),
    ({ state }) => state,
  )
  assert.equal(queued.state, 'queued')

  alice = await step('alice starts again', () => start('alice', bootstrap))
  const counted = await step('her counter knows what it counted', () =>
    alice.run<{ result: number }>('query', counter.name, 'current'),
  )
  assert.equal(counted.result, 3)
  const next = await step('and goes on', () =>
    until(
      () => bob.try('call', counter.name, 'increment', '--json'),
      ({ code }) => code === 0,
    ),
  )
  assert.equal(next.json<Called>().result, 4)

  type Inbox = { messages: { text: string; state: string; from: string }[] }
  const inbox = await step('the message has reached her', () =>
    until(
      () => alice.run<Inbox>('inbox'),
      ({ messages }) => messages.length > 0,
    ),
  )
  assert.equal(inbox.messages[0]!.text, 'are you there?')
  const answer = await step(
    'she answers',
    () => alice.run<{ state: string }>('chat', bob.info.peerId, 'here I am'),
    ({ state }) => state,
  )
  assert.equal(answer.state, 'delivered')
  const read = await bob.run<Inbox>('inbox')
  assert.ok(read.messages.some(({ text: t }) => t === 'here I am'))

  const page = await step(
    "alice's page shows it all",
    () => fetch(new URL('guestbook/', alice.info.http)).then((r) => r.text()),
    () => alice.info.http,
  )
  assert.match(page, /hello from bob/)

  for (const [who, node] of [
    ["bob's node", bob],
    ["alice's node", alice],
    ['the bootstrap node', hub],
  ] as const) {
    assert.equal(
      await step(
        `${who} stops cleanly`,
        () => node.stop(),
        (code) => `exit code ${code}`,
      ),
      0,
    )
  }
  console.log(`\nAll of it happened, in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
} catch (error) {
  console.error(`\nThe story broke off: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await Promise.all(nodes.map((node) => node.kill()))
  await folder.remove()
}
