import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AmigoError, Connectivity, Service } from '../../daemon/client/node.ts'
import { connect } from '../../daemon/client/node.ts'
import { type RunningNode, amigo as run, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { untilTrue } from '../support/until.ts'
import { type Forum, forumFolder } from './forum-folder.ts'

describe('client: in Node', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode
  let forum: Service<Forum>

  before(async () => {
    folder = await tempFolder('amigos-client')
    node = await startNode(join(folder.path, 'home'))
    await node.run('serve', await forumFolder(folder.path))
    forum = await connect({ home: node.info.home }).import<Forum>('local.land/_/forum')
  })

  after(async () => {
    await node?.stop()
    await folder?.remove()
  })

  const failure = (work: Promise<unknown>): Promise<AmigoError> =>
    work.then(
      () => assert.fail('it did not fail'),
      (error: AmigoError) => error,
    )

  it('calls and queries by the kind of the function, with values as they are', async () => {
    const post = await forum.createPost('hello', new Set(['a', 'b']))
    assert.deepEqual(post, { id: 1n, text: 'hello', tags: new Set(['a', 'b']), by: forum.$user, at: post.at })
    assert.ok(post.at instanceof Date)
    assert.deepEqual(await forum.byTag('a'), new Map([[1n, post]]))
    assert.deepEqual(await forum.echo({ bytes: new Uint8Array([1, 2]), none: null, minus: -0 }), {
      bytes: new Uint8Array([1, 2]),
      none: null,
      minus: -0,
    })
    // asking changes nothing, whatever the function does
    assert.equal((await forum.$query('createPost', ['x'])).result.id, 2n)
    assert.equal((await forum.byTag('a')).size, 1)
  })

  it('gives the receipt of a call, which anybody can check', async () => {
    const { receipt, result, seq, events, commit } = await forum.$call('createPost', ['proved'])
    assert.equal(result.text, 'proved')
    assert.ok(seq > 0 && commit.startsWith('bafy'))
    assert.deepEqual(events, [{ name: 'post', value: result.id }])
    const file = join(folder.path, 'receipt.json')
    await writeFile(file, JSON.stringify(receipt))
    const checked = await run(['verify', file, '--json'], { home: node.info.home })
    assert.equal(checked.json<{ ok: boolean }>().ok, true)
  })

  it('streams items, and ends what is left', async () => {
    const found: string[] = []
    for await (const item of forum.$stream('feed', [3])) found.push(item)
    assert.deepEqual(found, ['item 0', 'item 1', 'item 2'])
    for await (const item of forum.$stream('feed', [1e6])) {
      assert.equal(item, 'item 0')
      break
    }
    // called, it gives all of them
    assert.deepEqual(await forum.feed(2), ['item 0', 'item 1'])
    assert.equal((await failure(forum.$stream('byTag', ['a']).next())).code, 'NOT_A_STREAM')
  })

  it('follows what is committed', async () => {
    const { seq } = await forum.$call('createPost', ['followed'])
    const commits = forum.$subscribe({ from: seq })
    const { value } = await commits.next()
    assert.ok(value !== undefined)
    assert.equal(value.seq, seq)
    assert.ok(value.time instanceof Date)
    assert.equal(value.events[0]?.name, 'post')
    const waiting = commits.next()
    await forum.createPost('next')
    assert.equal((await waiting).value?.seq, seq + 1)
    await commits.return?.()
  })

  it('follows through a restart of the node, and misses nothing', async () => {
    const states: Connectivity[] = []
    const isLost = Promise.withResolvers<void>()
    const onConnection = (state: Connectivity): void => {
      states.push(state)
      if (!state.connected) isLost.resolve()
    }
    const commits = forum.$subscribe({ onConnection })
    const first = commits.next()
    await untilTrue(() => states.length === 1)
    const { seq } = await forum.$call('createPost', ['before'])
    assert.equal((await first).value?.seq, seq)
    const second = commits.next()
    await node.kill()
    await isLost.promise
    node = await startNode(node.info.home)
    for (const text of ['missed', 'missed, too']) await forum.createPost(text)
    assert.equal((await second).value?.seq, seq + 1)
    assert.equal((await commits.next()).value?.seq, seq + 2)
    assert.deepEqual(states[0], { connected: true })
    assert.deepEqual(states.at(-1), { connected: true })
    await commits.return?.()
  })

  it('says what went wrong, and what became of a call', async () => {
    const thrown = await failure(forum.fail('on purpose'))
    assert.equal(thrown.code, 'CONTRACT_THREW')
    assert.equal(thrown.outcome, 'refused')
    assert.match(thrown.message, /on purpose/)
    const wrong = await failure(forum.createPost(7 as unknown as string))
    assert.deepEqual([wrong.code, wrong.outcome], ['BAD_ARGUMENTS', 'refused'])
    const sent = await failure(forum.createPost((() => 1) as unknown as string))
    assert.deepEqual([sent.code, sent.outcome], ['ARGUMENTS_NOT_VALUES', 'not-sent'])
    const nobody = await failure(connect({ home: join(folder.path, 'nobody') }).import('local.land/_/forum'))
    assert.equal(nobody.code, 'NO_DAEMON')
    assert.equal(
      (await failure(connect({ home: node.info.home }).import('local.land/_/none'))).code,
      'SERVICE_NOT_FOUND',
    )
  })

  it('gives up when it is told to', async () => {
    const ended = AbortSignal.abort()
    const given = await failure(forum.$with({ signal: ended }).createPost('never'))
    assert.equal(given.code, 'CANCELLED')
    assert.ok(given.outcome === 'not-sent' || given.outcome === 'unknown')
    const control = new AbortController()
    const waiting = forum.$subscribe({ signal: control.signal }).next()
    control.abort()
    assert.equal((await failure(waiting)).code, 'CANCELLED')
  })

  it('is found by its own name, at the home of this account', async () => {
    process.env['AMIGO_HOME'] = node.info.home
    const { amigo, AmigoError } = await import('amigos/client')
    const found = await amigo.import<{ who(): string }>('local.land/_/forum')
    delete process.env['AMIGO_HOME']
    assert.equal(await found.who(), forum.$user)
    assert.ok((await failure(forum.fail('x'))) instanceof AmigoError)
  })

  it('has types that are written for programs, and nothing else is', async () => {
    const dir = join(folder.path, 'program')
    await mkdir(dir)
    const { home } = node.info
    const imported = await run(['import', 'local.land/_/forum', '--types', 'forum.d.ts', '--json'], { home, cwd: dir })
    assert.equal(imported.code, 0, imported.stdout)
    assert.equal(imported.json()['types'], 'forum.d.ts')
    assert.deepEqual(await readdir(dir), ['forum.d.ts'])
    const program = `
      import { amigo, type Service } from 'amigos/client'
      import type * as Forum from './forum'
      const forum = await amigo.import<typeof Forum>('local.land/_/forum')
      export const post: Forum.Post = await forum.createPost('typed', new Set(['a']))
      export const found: Map<bigint, Forum.Post> = await forum.byTag('a')
      for await (const item of forum.$stream('feed', [2])) item.toUpperCase()
      for await (const commit of forum.$subscribe()) commit.time.toISOString()
      const { receipt } = await forum.$call('createPost', ['typed'], { signal: AbortSignal.timeout(9) })
      export const proof: unknown = receipt
      // @ts-expect-error the text is needed
      await forum.createPost()
      // @ts-expect-error there is no such function
      await forum.missing()
      // @ts-expect-error it would be taken for a promise
      forum.then()
      export const any: Service<{ f(): number }> = await amigo.import<{ f(): number }>('local.land/_/forum')
      const untyped = await amigo.import('local.land/_/forum')
      export const anything: unknown = await untyped['createPost']!('x')
    `
    await writeFile(join(dir, 'program.mts'), program)
    await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
    await mkdir(join(dir, 'node_modules'))
    await symlink(join(import.meta.dirname, '../..'), join(dir, 'node_modules', 'amigos'))
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2024',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
    ]
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const checked = spawnSync(process.execPath, [tsc, ...options, 'program.mts'], { cwd: dir, encoding: 'utf8' })
    assert.equal(checked.stdout, '')
    const refused = async (...words: string[]) =>
      (await run(['import', ...words, '--json'], { home, cwd: dir })).json<{ error: { code: string } }>().error.code
    assert.equal(await refused('local.land/_/forum', '--types', 'forum.ts'), 'USAGE')
    assert.equal(await refused('--types', 'forum.d.ts'), 'USAGE')
    assert.equal(await refused('local.land/_/none', '--types', 'forum.d.ts'), 'SERVICE_NOT_FOUND')
    assert.equal((await readdir(dir)).filter((name) => name.startsWith('forum')).length, 1)
  })

  it('is no promise, and has nothing that the service does not have', async () => {
    const awaited = await forum
    assert.equal(awaited, forum)
    assert.deepEqual((await forum.$call('then', [])).result, 'not a promise')
    assert.equal((forum as unknown as Record<string, unknown>)['toString'], undefined)
    assert.equal((forum as unknown as Record<string, unknown>)['missing'], undefined)
  })
})
