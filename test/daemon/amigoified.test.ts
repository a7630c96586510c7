/** An ordinary project that was made importable: its own scripts, the service that it is, and a contract of somebody else that imports it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { connect } from '../../daemon/client/node.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

type Blog = typeof import('../../examples/amigoified-blog/blog.amigo.ts')

const EXAMPLE = join(import.meta.dirname, '../../examples/amigoified-blog')
/** what makes it importable, and what tells of that */
const ADDED = ['amigo.yaml', 'amigos.d.ts', 'blog.amigo.ts', 'blog.test.amigo.ts', 'README.md']

describe("a project of one's own", function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  /** a copy, because its scripts write into it */
  let project: string
  let readme: string

  before(async () => {
    folder = await tempFolder()
    project = join(folder.path, 'project')
    await cp(EXAMPLE, project, { recursive: true })
    readme = await readFile(join(EXAMPLE, 'README.md'), 'utf8')
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  /** Runs npm in a folder with the Node of this checkout, without a registry. */
  const npm = async (cwd: string, ...args: string[]): Promise<string> => {
    const child = spawn('npm', ['--offline', '--silent', ...args], {
      cwd,
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
        NODE_V8_COVERAGE: undefined,
        npm_config_update_notifier: 'false',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    const [code] = await once(child, 'close')
    assert.equal(code, 0, output)
    return output
  }
  /** The n-th block of a language in the example's README. */
  const block = (language: string, index: number): string =>
    [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, name]) => name === language)[index]![2]!

  it('keeps its own tests and scripts, with what was added and without', async () => {
    assert.match(await npm(project, 'test'), /pass 12\n[\s\S]*fail 0\n/)
    assert.equal(await npm(project, 'start', '--', 'add', 'Hello world', 'The *first* post.', 'news'), 'hello-world\n')
    assert.equal(await npm(project, 'start', '--', 'list'), 'hello-world  Hello world\n')
    await npm(project, 'run', 'build')
    assert.match(await readFile(join(project, 'dist/feed.xml'), 'utf8'), /<title>Hello world<\/title>/)
    for (const file of ADDED) await rm(join(project, file))
    assert.match(await npm(project, 'test'), /pass 12\n[\s\S]*fail 0\n/)
  })

  it('knows nothing of what was added', async () => {
    const files = await readdir(EXAMPLE, { recursive: true, withFileTypes: true })
    const own = files.filter((entry) => entry.isFile() && !ADDED.includes(entry.name))
    for (const { parentPath, name } of own)
      assert.doesNotMatch(await readFile(join(parentPath, name), 'utf8'), /amigo/i, name)
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(EXAMPLE, 'package.json'), 'utf8'))
    assert.deepEqual([dependencies, devDependencies], [undefined, undefined])
  })

  it('is built without a warning, of the files that it needs', async () => {
    const ran = await amigo(['build', EXAMPLE, '--json'], { home: join(folder.path, 'nobody') })
    assert.equal(ran.code, 0, ran.stdout)
    assert.deepEqual(ran.json()['warnings'], [])
  })

  it('is tested as a service, too', async () => {
    const tested = await amigo(['test', EXAMPLE, '--json'])
    assert.equal(tested.code, 0, tested.stdout)
    assert.equal(tested.json()['passed'], 2)
  })

  it('is a service: its posts outlive the node, and its page shows them', async () => {
    await alice.run('publish', EXAMPLE)
    await alice.run('call', 'local.land/_/blog', 'publish', 'Über 日本', 'Far.')
    const given = ['publish', 'Hello world', 'The *first* post.', '["News"]']
    const { result } = await alice.run<{ result: { slug: string } }>('call', 'local.land/_/blog', ...given)
    assert.equal(result.slug, 'hello-world')
    await alice.kill()
    alice = await startNode(join(folder.path, 'alice'))
    await bob.run('connect', alice.info.addresses[0]!)
    const query = async (...words: string[]): Promise<unknown> =>
      (await alice.run<{ result: unknown }>('query', 'local.land/_/blog', ...words)).result
    const [post] = (await query('search', 'first')) as { title: string }[]
    assert.equal(post?.title, 'Hello world')
    assert.deepEqual(await query('tags'), { '/': { map: [['news', 1]] } })
    assert.equal(await query('post', 'none'), null)
    assert.match(
      String(await query('feed', 'https://example.org')),
      /<link>https:\/\/example\.org\/hello-world<\/link>/,
    )
    const page = async (path: string): Promise<string> => (await fetch(`${alice.info.http}blog/${path}`)).text()
    assert.match(await page(''), /<a href="[^"]*hello-world">Hello world<\/a>/)
    assert.match(await page('hello-world'), /The <em>first<\/em> post\./)
    assert.match(await page(encodeURIComponent('uber-日本')), /<p>Far\./)
    assert.match(await page('%25'), /Nothing here/)
  })

  it('lets others read, and nobody but its owner write', async () => {
    const name = `~${(await alice.run<{ user: string }>('status')).user}/blog`
    await until(
      () => bob.try('resolve', name),
      ({ code }) => code === 0,
    )
    const ran = await bob.try('call', name, 'publish', 'Mine', 'now')
    assert.equal(ran.json<{ error: { code: string } }>().error.code, 'ACCESS_DENIED')
    assert.equal((await bob.run<{ result: unknown[] }>('query', name, 'posts')).result.length, 2)
  })

  it('takes its posts over to its next version', async () => {
    const dir = join(folder.path, 'next')
    await cp(EXAMPLE, dir, { recursive: true })
    const manifest = await readFile(join(dir, 'amigo.yaml'), 'utf8')
    await writeFile(join(dir, 'amigo.yaml'), manifest.replace('version: 1.4.0', 'version: 1.4.1'))
    const slug = await readFile(join(dir, 'src/slug.ts'), 'utf8')
    await writeFile(join(dir, 'src/slug.ts'), slug.replace('const LONGEST = 60', 'const LONGEST = 4'))
    await alice.run('publish', dir)
    const blog = await connect({ home: alice.info.home }).import<Blog>('local.land/_/blog')
    const { slug: shorter, published } = await blog.publish('Shorter', 'Now.')
    const posts = await blog.posts()
    assert.deepEqual(posts[0], { slug: shorter, title: 'Shorter', excerpt: 'Now.', tags: [], published })
    assert.deepEqual(
      posts.map((post) => post.slug),
      ['shor', 'hello-world', 'uber-日本'],
    )
  })

  it('is imported as its README says, on the same node and from another', async () => {
    const name = `~${(await alice.run<{ user: string }>('status')).user}/blog`
    for (const [home, from] of [
      ['alice', 'local.land/_/blog'],
      ['bob', name],
    ] as const) {
      const dir = join(folder.path, `reader-of-${home}`)
      await mkdir(dir)
      const reader = block('ts', 0).replace('local.land/_/blog', from)
      await Promise.all([
        writeFile(join(dir, 'amigo.yaml'), block('yaml', 0)),
        writeFile(join(dir, 'reader.ts'), reader),
      ])
      let said = ''
      for (const line of block('sh', 2).trim().split('\n')) {
        const words = line.replace('npx amigo ', '').replace('local.land/_/blog', from).split(' ')
        const ran = await amigo(words, { home: join(folder.path, home), cwd: dir })
        assert.equal(ran.code, 0, `${line}\n${ran.stdout}${ran.stderr}`)
        said = ran.stdout
      }
      assert.match(said, /"\d{4}-\d\d-\d\d: Hello world"/, home)
    }
  })

  it('is given what it takes from its environment as its README says', async () => {
    const dir = join(folder.path, 'own')
    await mkdir(dir)
    const files = {
      'amigo.yaml': 'name: own\nversion: 0.1.0\nmain: own.amigo.ts\n',
      'environment.ts': block('ts', 1),
      'ids.ts': 'export const newId = (): string => crypto.randomUUID()',
      'own.amigo.ts':
        "import './environment.ts'\nimport { newId } from './ids.js'\nexport const id = (): string => newId()\n",
    }
    for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text)
    const built = await amigo(['build', dir, '--json'], { home: join(folder.path, 'nobody') })
    assert.deepEqual(built.json()['warnings'], [])
    await alice.run('serve', dir)
    const { result } = await alice.run<{ result: string }>('call', 'local.land/_/own', 'id')
    assert.match(result, /^[0-9a-f]{32}$/)
  })
})
