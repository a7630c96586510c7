/** An ordinary library with its own tests and scripts, and the same as a service: the example, as it stands. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '../../client/node.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

type Blog = typeof import('../../examples/amigoified-blog/blog.amigo.ts')

const EXAMPLE = join(import.meta.dirname, '../../examples/amigoified-blog')

describe('an ordinary library', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let dir: string
  let node: RunningNode

  before(async () => {
    folder = await tempFolder('amigos-blog')
    dir = join(folder.path, 'blog')
    await cp(EXAMPLE, dir, { recursive: true })
    node = await startNode(join(folder.path, 'home'))
  })
  after(async () => {
    await node?.stop()
    await folder?.remove()
  })

  it('knows nothing of what was made of it, and its own tests and scripts work as before', async () => {
    for (const part of ['src', 'test', 'scripts', 'package.json']) {
      const place = join(dir, part)
      const files = part.endsWith('.json') ? [place] : (await readdir(place)).map((file) => join(place, file))
      for (const file of files) assert.doesNotMatch(await readFile(file, 'utf8'), /amigo/i, file)
    }
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const npm = (...args: string[]) =>
      spawnSync('npm', ['--offline', '--silent', ...args], {
        cwd: dir,
        env,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      })
    const tested = npm('test')
    assert.equal(tested.status, 0, tested.stdout + tested.stderr)
    assert.match(tested.stdout, /pass 4/)
    assert.match(npm('run', 'preview').stdout, /^Hello: This is the first post\.$/m)
  })

  it('is tested, served, called and upgraded as a service', async () => {
    const tested = await amigo(['test', dir, '--json'])
    assert.equal(tested.code, 0, tested.stdout)
    assert.equal(tested.json()['passed'], 2)
    const { warnings } = await node.run<{ warnings: string[] }>('serve', dir)
    assert.deepEqual(warnings, [])
    const blog = await connect({ home: node.info.home }).import<Blog>('local.land/_/blog')
    const { slug, published } = await blog.publish({ title: 'Hello', body: 'A *post*.', tags: ['news'] })
    assert.deepEqual(await blog.list('news'), [{ slug, title: 'Hello', excerpt: 'A post.', published }])
    assert.deepEqual(await blog.tags(), new Map([['news', 1]]))

    const file = join(dir, 'blog.amigo.ts')
    await writeFile(file, (await readFile(file, 'utf8')).replace('# Blog', '# Weblog'))
    await node.run('serve', dir)
    assert.match(await blog.render('/'), /# Weblog/)
    assert.deepEqual((await blog.find(slug))?.published, published)
    assert.equal((await blog.publish({ title: 'Hello', body: '' })).slug, 'hello-2')
  })
})
