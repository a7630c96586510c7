/** Real nodes: what is said of a version after it was published, and who is told. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionMark } from '../../daemon/api/vocabulary.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const source = (n: number): string => `/** @query */\nexport function which(): number { return ${n} }\n`

interface Resolved {
  kind: string
  version: string
  warnings: string[]
}

describe('what is said of a version', function () {
  this.timeout(60_000)
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let name: string
  const contract = async (n: number, version: string): Promise<string> => {
    const dir = join(home.path, `which-${version}`)
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'amigo.yaml'), `name: which\nversion: ${version}\nmain: which.ts\n`)
    await writeFile(join(dir, 'which.ts'), source(n))
    return dir
  }
  const codeOf = async (node: RunningNode, ...args: string[]): Promise<string | undefined> => {
    const ran = await node.try(...args)
    return ran.json<{ error?: { code: string } }>().error?.code
  }
  /** What bob finds, once the news has come to him. */
  const found = (text: string, isRight: (resolved: Resolved) => boolean) =>
    until(() => bob.run<Resolved>('resolve', text), isRight)
  const refused = (code: string, ...args: string[]) =>
    until(
      () => codeOf(bob, ...args),
      (found) => found === code,
    )

  before(async () => {
    home = await tempFolder('amigos-marks')
    alice = overApi(await startNode(join(home.path, 'alice')))
    bob = overApi(await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!]))
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    for (const [n, version] of [
      [1, '1.0.0'],
      [2, '1.1.0'],
      [3, '2.0.0'],
    ] as const)
      ({ name } = await alice.run<{ name: string }>('publish', await contract(n, version)))
    await bob.run('follow', name)
  })
  after(async () => {
    await bob?.stop()
    await alice?.stop()
    await home.remove()
  })

  it('deprecated: it is found, and whoever finds it is told', async () => {
    const done = await alice.run<VersionMark>('deprecate', `${name}@1.1.0`, ' use\n2.0.0 ')
    assert.deepEqual([done.name, done.deprecated, done.yanked], [`${name}@1.1.0`, 'use 2.0.0', false])
    const { version } = await found(`${name}@v1`, ({ warnings }) => /is deprecated: use 2\.0\.0/.test(warnings.join()))
    assert.equal(version, '1.1.0')
    assert.deepEqual((await bob.run<Resolved>('resolve', name)).warnings, [])
    const { services } = await alice.run<{ services: { name: string; deprecated?: string }[] }>('status')
    assert.deepEqual(services.map((one) => [one.name, one.deprecated]).toSorted(), [
      ['which', undefined],
      ['which@v1', 'use 2.0.0'],
    ])
    await alice.run('deprecate', `local.land/_/which@1.1.0`, '--undo')
    await found(`${name}@v1`, ({ warnings }) => warnings.length === 0)
  })

  it('yanked: only its exact version finds it, with a warning, and what runs goes on', async () => {
    const done = await alice.run<VersionMark>('yank', `${name}@2.0.0`, 'it counts wrong')
    assert.deepEqual([done.yanked, done.deprecated], [true, 'it counts wrong'])
    assert.match(done.warnings.join(), /runs, and goes on/)
    assert.equal((await found(name, ({ version }) => version === '1.1.0')).kind, 'service')
    assert.equal(await codeOf(bob, 'query', `${name}@v2`, 'which'), 'VERSION_NOT_RUNNING')
    const exact = await bob.run<Resolved>('resolve', `${name}@2.0.0`)
    assert.match(exact.warnings.join(), /2\.0\.0 was withdrawn .*it counts wrong/)
    assert.equal((await bob.run<{ result: number }>('query', `${name}@2.0.0`, 'which')).result, 3)
    assert.equal((await alice.run<{ result: number }>('query', 'local.land/_/which', 'which')).result, 3)

    await alice.run('yank', `${name}@1.0.0`)
    await refused('VERSION_NOT_FOUND', 'pull', `${name}@~1.0`)
    assert.equal((await bob.run<{ service: null }>('pull', `${name}@1.0.0`)).service, null)

    await alice.run('yank', `${name}@2.0.0`, '--undo')
    assert.deepEqual((await found(name, ({ version }) => version === '2.0.0')).warnings, [])
  })

  it('is for its owner, about one version that there is', async () => {
    assert.equal(await codeOf(bob, 'yank', `${name}@1.1.0`), 'NOT_THE_OWNER')
    assert.equal(await codeOf(alice, 'yank', `${name}@1.9.0`), 'VERSION_NOT_FOUND')
    assert.equal(await codeOf(alice, 'yank', `${name}@v1`), 'VERSION_INVALID')
    assert.equal(await codeOf(alice, 'yank', `local.land/_/other@1.0.0`), 'SERVICE_NOT_FOUND')
    assert.equal(await codeOf(alice, 'deprecate', `${name}@1.1.0`), 'ARGUMENTS_INVALID')
    assert.equal(await codeOf(alice, 'unpublish', `${name}@v1`), 'NAME_NOT_SUPPORTED')
  })

  it('removed: a major version is gone for everybody, and the other goes on', async () => {
    const unsaid = await alice.try('remove', 'local.land/_/which@v1')
    assert.equal(unsaid.code, 2)
    const { service } = await alice.run<{ service: string }>('resolve', 'local.land/_/which@v1')
    const done = await alice.run<{ name: string; service: string; warnings: string[] }>(
      ...['remove', 'local.land/_/which@v1', '--yes'],
    )
    assert.deepEqual([done.name, done.service], ['local.land/_/which@v1', service])
    assert.match(done.warnings.join(), /local\.land\/_\/which began with its state/)
    await refused('VERSION_NOT_RUNNING', 'query', `${name}@v1`, 'which')
    assert.equal(await codeOf(alice, 'query', service, 'which'), 'SERVICE_NOT_FOUND')
    assert.equal((await bob.run<{ result: number }>('query', `${name}@v2`, 'which')).result, 3)
    assert((await alice.run<{ ok: boolean }>('verify', 'local.land/_/which')).ok)
    const { services } = await alice.run<{ services: { name: string }[] }>('status')
    assert.deepEqual(
      services.map((one) => one.name),
      ['which'],
    )
  })

  it('unpublished: nobody finds the name, its services run on, and no version is given away', async () => {
    assert.equal((await alice.run<{ name: string }>('unpublish', name)).name, name)
    await refused('SERVICE_NOT_PUBLISHED', 'resolve', name)
    assert.equal((await alice.run<{ result: number }>('query', 'local.land/_/which', 'which')).result, 3)
    await alice.stop()
    alice = overApi(await startNode(join(home.path, 'alice'), ['--bootstrap', bob.info.addresses[0]!]))
    assert.equal(await codeOf(alice, 'resolve', name), 'SERVICE_NOT_PUBLISHED')
    const other = await contract(9, '1.1.0')
    assert.equal(await codeOf(alice, 'publish', other, '--version', '1.1.0'), 'VERSION_TAKEN')
    await alice.run('publish', await contract(3, '2.0.0'))
    await found(name, ({ version }) => version === '2.0.0')
    assert.match((await bob.run<Resolved>('resolve', `${name}@1.0.0`)).warnings.join(), /withdrawn/)
  })
})
