/** A chain of three services, each on a node of its own; each node in turn is killed while calls go down the chain. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { untilTrue } from '../support/until.ts'

const COUNT = '/** @query */\nexport function count(): number { return n }\n'
const STOCK = `let n = 0\nexport function take(): number { return ++n }\n${COUNT}`
const asking = (name: string): string =>
  `import { take as next } from '${name}'\nlet n = 0\nexport async function take(): Promise<number> { n++; return next() }\n${COUNT}`
/** from the one that is called first to the one that is called last */
const CHAIN = ['alice.amigos.net/mall', 'bob.amigos.net/shop', 'carol.amigos.net/stock']
const CALLERS = 3
/** calls that have to succeed between two kills */
const BETWEEN = 5
/** Whoever asks is killed twice: its asks are made again only if a call was just then between an answer and its own commit. What that does is told exactly by the tests of test/calls. */
const KILLED = ['carol', 'alice', 'bob', 'alice', 'bob']

describe('a chain of services whose nodes are killed', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let invite: string
  const nodes = new Map<string, RunningNode>()

  const start = async (name: string, flags: string[], listen?: string[]): Promise<RunningNode> => {
    const node = overApi(await startNode(join(folder.path, name), flags, listen))
    nodes.set(name, node)
    return node
  }
  /** Publishes, as the user of its name, what imports the one behind it. */
  const publish = async (name: string, code: string, imports?: string): Promise<void> => {
    const [user = '', service] = name.split('.amigos.net/')
    const dir = join(folder.path, `contract-${user}`)
    await mkdir(dir)
    await writeFile(join(dir, 'amigo.yaml'), `name: ${service}\nversion: 1.0.0\nmain: main.ts\n`)
    await writeFile(join(dir, 'main.ts'), code)
    const node = nodes.get(user)!
    if (imports !== undefined) {
      const ran = await amigo(['import', imports, '--json'], { home: node.info.home, cwd: dir })
      assert.equal(ran.code, 0, ran.stdout)
    }
    await node.run('publish', dir)
  }

  before(async () => {
    folder = await tempFolder('amigos-chain')
    invite = (await (await start('hub', ['--hub'])).run<{ invite: string }>('network', 'invite')).invite
    await Promise.all(['alice', 'bob', 'carol', 'user'].map((name) => start(name, ['--network', invite])))
    await Promise.all(['alice', 'bob', 'carol'].map((name) => nodes.get(name)!.run('register', name)))
    const [first = '', second = '', third = ''] = CHAIN
    await publish(third, STOCK)
    await publish(second, asking(third), third)
    await publish(first, asking(second), second)
  })
  after(async () => {
    await Promise.all([...nodes.values()].map((node) => node.kill()))
    await folder.remove()
  })

  it('does each call once, on all of them, and no success is missing', async () => {
    const user = nodes.get('user')!
    const given: number[] = []
    /** calls that failed, and may have done something */
    let doubtful = 0
    let isOver = false
    const call = async (): Promise<void> => {
      while (!isOver) {
        const ran = await user.try('call', CHAIN[0]!, 'take')
        if (ran.code === 0) given.push(ran.json<{ result: number }>().result)
        else if (/OUTCOME_UNKNOWN|stays/.test(ran.stdout)) doubtful++
      }
    }
    const calling = Array.from({ length: CALLERS }, call)
    const more = async (): Promise<void> => {
      const before = given.length
      await untilTrue(() => given.length >= before + BETWEEN, 60_000)
    }
    await more()
    for (const name of KILLED) {
      const { info } = nodes.get(name)!
      await nodes.get(name)!.kill()
      await start(name, ['--network', invite], [info.addresses[0]!.replace(/\/p2p\/.*/, '')])
      await more()
    }
    isOver = true
    await Promise.all(calling)

    const counts = await Promise.all(
      CHAIN.map(async (name) => (await user.run<{ result: number }>('query', name, 'count')).result),
    )
    // none was given twice, and who stands behind has at least what those before it had it do
    assert.equal(new Set(given).size, given.length)
    const ascending = [given.length, ...counts, given.length + doubtful]
    assert.deepEqual(
      ascending,
      ascending.toSorted((a, b) => a - b),
    )
    for (const name of CHAIN) assert.equal((await user.try('verify', name)).code, 0, name)
  })
})
