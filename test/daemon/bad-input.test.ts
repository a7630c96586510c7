/** Bad input, as a user meets it: each has a code of its own and a hint, comes back in time, and the node goes on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { amigo, type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const EXAMPLES = join(import.meta.dirname, '../../examples')
const NOBODY = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8'
const NO_CONTENT = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

function failure(ran: Ran): { code: string; exit: number } {
  assert.notEqual(ran.code, 0, ran.stdout)
  const { error } = ran.json<{ error: { code: string; message: string; hint: string } }>()
  assert.ok(error.message.length > 10 && error.hint.length > 5, JSON.stringify(error))
  assert.doesNotMatch(
    ran.stdout + ran.stderr,
    /node_modules|\.ts:\d+:\d+\)|\bat .*\(/,
    'no stack trace reaches the user',
  )
  return { code: error.code, exit: ran.code }
}

describe('bad input', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode
  let name: string

  before(async () => {
    folder = await tempFolder()
    node = await startNode(join(folder.path, 'node'))
    name = (await node.run<{ name: string }>('serve', join(FIXTURES, 'hostile'))).name
    assert.equal((await node.run<{ result: number }>('call', name, 'increment')).result, 1)
  })
  after(async () => {
    await node?.kill()
    await folder.remove()
  })

  const FAILING_CALLS: Record<string, { args: string[]; code: string }> = {
    'loops for ever': { args: ['loop'], code: 'OUT_OF_GAS' },
    'allocates without end': { args: ['allocate'], code: 'OUT_OF_MEMORY' },
    'recurses without end': { args: ['recurse', '0'], code: 'STACK_OVERFLOW' },
    throws: { args: ['fail'], code: 'CONTRACT_THREW' },
    'never settles': { args: ['hang'], code: 'NEVER_SETTLED' },
    'returns too much': { args: ['flood'], code: 'RESULT_TOO_LARGE' },
    'returns what is no value': { args: ['secret'], code: 'RESULT_NOT_A_VALUE' },
    'does not exist': { args: ['nothing'], code: 'NO_SUCH_FUNCTION' },
    'is asked with the wrong type': { args: ['recurse', 'many'], code: 'BAD_ARGUMENTS' },
    'is asked with too few arguments': { args: ['recurse'], code: 'BAD_ARGUMENTS' },
    'is asked with too many arguments': { args: ['increment', '1'], code: 'BAD_ARGUMENTS' },
  }
  for (const [what, { args, code }] of Object.entries(FAILING_CALLS)) {
    it(`a function that ${what}: ${code}, and no trace is left`, async () => {
      assert.equal(failure(await node.try('call', name, ...args)).code, code)
      assert.equal((await node.run<{ result: number }>('query', name, 'count')).result, 1)
    })
  }

  const FAILING_COMMANDS: Record<string, { words: string[]; code: string; exit: number }> = {
    'a contract that does not compile': { words: ['build', join(FIXTURES, 'broken')], code: 'BUILD_FAILED', exit: 1 },
    'a CID nobody has': { words: ['pull', NO_CONTENT], code: 'CONTENT_NOT_FOUND', exit: 4 },
    'a service nobody serves': { words: ['call', 'local.land/_/nobody', 'f'], code: 'SERVICE_NOT_FOUND', exit: 4 },
    'a username without a registrar': { words: ['resolve', 'alice/forum'], code: 'NAME_NEEDS_REGISTRAR', exit: 4 },
    'an empty name': { words: ['resolve', ''], code: 'USAGE', exit: 2 },
    'a malformed name': { words: ['resolve', 'Alice..amigos.net/../x'], code: 'NAME_INVALID', exit: 2 },
    'a name that nobody published, asked alone': { words: ['resolve', `~${NOBODY}/x`], code: 'NO_PEERS', exit: 4 },
    'an address that is none': { words: ['connect', 'here'], code: 'ADDRESS_INVALID', exit: 2 },
    'an address with a placeholder': {
      words: ['connect', '/ip4/203.0.113.7/tcp/4150/p2p/12D3KooW...'],
      code: 'ADDRESS_INVALID',
      exit: 2,
    },
    'a node that does not answer': { words: ['connect', '/ip4/127.0.0.1/tcp/1'], code: 'DIAL_FAILED', exit: 1 },
    'an unknown command': { words: ['pubish'], code: 'USAGE', exit: 2 },
    'an unknown flag': { words: ['status', '--colour'], code: 'USAGE', exit: 2 },
  }
  for (const [what, { words, code, exit }] of Object.entries(FAILING_COMMANDS)) {
    it(`${what}: ${code}`, async () => {
      assert.deepEqual(failure(await node.try(...words)), { code, exit })
    })
  }

  it('a name that nobody published, asked among others: NAME_NOT_FOUND', async () => {
    const other = await startNode(join(folder.path, 'other'), ['--bootstrap', node.info.addresses[0]!])
    try {
      const asked = failure(await other.try('resolve', `~${NOBODY}/x`))
      assert.deepEqual(asked, { code: 'NAME_NOT_FOUND', exit: 4 })
      const pulled = failure(await other.try('pull', NO_CONTENT, '--timeout', '2s'))
      assert.deepEqual(pulled, { code: 'CONTENT_NOT_FOUND', exit: 4 })
    } finally {
      await other.kill()
    }
  })

  it('a second daemon on the same folder: ALREADY_RUNNING, and the first goes on', async () => {
    const second = await amigo([
      'up',
      '--json',
      '--home',
      node.info.home,
      '--http',
      '0',
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
    ])
    assert.deepEqual(failure(second), { code: 'ALREADY_RUNNING', exit: 1 })
    assert.equal((await node.run<{ peerId: string }>('id')).peerId, node.info.peerId)
  })

  it('a busy port: PORT_IN_USE', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const home = join(folder.path, 'busy')
    const listening = await amigo([
      'up',
      '--json',
      '--home',
      home,
      '--http',
      '0',
      '--listen',
      `/ip4/127.0.0.1/tcp/${port}`,
    ])
    assert.equal(failure(listening).code, 'PORT_IN_USE')
    const page = await amigo(['up', '--json', '--home', home, '--http', `${port}`, '--listen', '/ip4/127.0.0.1/tcp/0'])
    assert.equal(failure(page).code, 'PORT_IN_USE')
    server.close()
  })

  it('no daemon: NO_DAEMON', async () => {
    const ran = await amigo(['status', '--json'], { home: join(folder.path, 'nobody') })
    assert.deepEqual(failure(ran), { code: 'NO_DAEMON', exit: 3 })
  })

  it('and after all of it the node still works', async () => {
    assert.equal((await node.run<{ result: number }>('call', name, 'increment')).result, 2)
    assert.ok(await node.run('serve', join(EXAMPLES, 'counter')))
  })
})
