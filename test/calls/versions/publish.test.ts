/** What is published of a name: what runs of it, all its versions, and what was said of them. */
import assert from 'node:assert/strict'
import { createPublish, type Publish } from '../../../daemon/calls/life/publish.ts'
import { rawBlock } from '../../../daemon/store/block.ts'
import type { ListedVersion, NodeList, Publication, Registry, ResolvedHome } from '../../../registry/home/types.ts'
import { createSerial } from '../../../registry/serial.ts'
import { type Host, startHost } from '../../support/host.ts'
import { never } from '../lifecycle-kit.ts'

const manifest = (version: string): string => `name: board\nversion: ${version}\nmain: main.ts\n`
const source = (n: number): string =>
  `export function f${n}(): number { return ${n} }\nconst kept = 1\nexport function all(): number { return kept }`

describe('what is published of a name', () => {
  let host: Host
  let publish: Publish
  let lists: NodeList[]
  let elsewhere: ListedVersion[]
  let failure: Error | undefined
  beforeEach(async () => {
    host = await startHost()
    lists = []
    elsewhere = []
    failure = undefined
    const registry: Pick<Registry, 'publish' | 'publication' | 'resolve'> = {
      async publish(list) {
        if (failure) throw failure
        lists.push(list)
        return { list } as Publication
      },
      publication: () => lists.at(-1) && ({ list: lists.at(-1) } as Publication),
      resolve: async () => ({ versions: [...lists.at(-1)!.versions, ...elsewhere] }) as ResolvedHome,
    }
    const ownName = () => 'alice.amigos.net'
    publish = createPublish({ ...host, registry: registry as Registry, ownName, naming: createSerial() })
  })
  afterEach(() => host.stop())

  const run = async (n: number, version: string): Promise<string> => {
    const contract = await host.contract(source(n), manifest(version))
    const chosen = await publish.versionFor('board', contract, { signal: never })
    const deployed = await host.deploy(contract, { version: chosen, signal: never })
    return (await publish.publish(deployed, contract, { version: chosen, signal: never })).name
  }
  const listed = () => {
    const { services, versions } = lists.at(-1)!
    return [services.map(({ version }) => version).toSorted(), versions.map(({ version }) => version).toSorted()]
  }

  it('is each line as it runs, and each version for ever; its name says which', async () => {
    assert.equal(await run(1, '1.0.0'), 'alice.amigos.net/board')
    assert.equal(await run(2, '2.0.0-rc.1'), 'alice.amigos.net/board@2.0.0-rc.1')
    assert.equal(await run(3, '2.0.0'), 'alice.amigos.net/board')
    const mended = await host.contract(`${source(1)}\n// mended`, manifest('1.0.0'))
    assert.equal(await publish.versionFor('board', mended, { signal: never }), '1.0.1')
    const deployed = await host.deploy(mended, { version: '1.0.1', signal: never })
    const { name } = await publish.publish(deployed, mended, { version: '1.0.1', signal: never })
    assert.equal(name, 'alice.amigos.net/board@v1')
    const services = ['1.0.1', '2.0.0', '2.0.0-rc.1']
    assert.deepEqual(listed(), [services, ['1.0.0', ...services]])
  })

  it('is nothing while it is unpublished, and all of it again afterwards', async () => {
    await run(1, '1.0.0')
    await run(2, '2.0.0')
    await host.names.put({ ...(await host.names.get('board'))!, unpublished: true })
    await publish.refresh({ signal: never })
    assert.deepEqual(listed(), [[], []])
    await run(2, '2.0.0')
    assert.deepEqual(listed(), [
      ['1.0.0', '2.0.0'],
      ['1.0.0', '2.0.0'],
    ])
  })

  it('is told at the next refresh, if the network could not be told', async () => {
    await run(1, '1.0.0')
    failure = new Error('nobody is there')
    await assert.rejects(run(2, '2.0.0'), /nobody is there/)
    failure = undefined
    await publish.refresh({ signal: never })
    assert.deepEqual(listed(), [
      ['1.0.0', '2.0.0'],
      ['1.0.0', '2.0.0'],
    ])
  })

  it('is no version that another node of the user has given to another contract', async () => {
    await run(1, '1.0.0')
    const mark = { name: 'board', version: '1.1.0', yanked: false, deprecated: null }
    elsewhere = [{ ...mark, contract: rawBlock(Buffer.from('other')).cid }]
    const contract = await host.contract(`${source(1)}\nexport function more(): number { return 1 }`, manifest('1.1.0'))
    await assert.rejects(publish.versionFor('board', contract, { signal: never }), { code: 'VERSION_TAKEN' })
    elsewhere = [{ ...mark, contract: contract.cid }]
    assert.equal(await publish.versionFor('board', contract, { signal: never }), '1.1.0')
  })
})
