/** Real nodes: a contract of one imports services and code of another, and is built without either. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const FORUM = `
/** A post. */
export interface Post { id: number; title: string }
const posts: Post[] = []
/** Adds one. */
export function createPost(title: string): Post { const post = { id: posts.length, title }; posts.push(post); return post }
/** @query */
export function list(): Post[] { return posts }
`
const TEXT = `export function slugify(text: string): string { return text.toLowerCase().replaceAll(' ', '-') }`

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Imported {
  name: string
  version: string
  contract: string
  service: string | null
  types: string
  breaks: string[]
  warnings: string[]
}

describe('amigo import', function () {
  this.timeout(120_000)
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  /** of the contract that imports */
  let dir: string
  let owner: string

  const folder = async (path: string, files: Record<string, string>): Promise<string> => {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(home.path, path, file)), { recursive: true })
      await writeFile(join(home.path, path, file), content)
    }
    return join(home.path, path)
  }
  const publish = async (name: string, version: string, source: string): Promise<void> => {
    const manifest = `name: ${name}\nversion: ${version}\nmain: main.ts\n`
    await alice.run('publish', await folder(`${name}-${version}`, { 'amigo.yaml': manifest, 'main.ts': source }))
  }
  const run = (...args: string[]) => amigo([...args, '--json'], { home: join(home.path, 'bob'), cwd: dir })
  const imported = async (...args: string[]): Promise<Imported> => {
    const ran = await run('import', ...args)
    assert.equal(ran.code, 0, ran.stdout)
    return ran.json<Imported>()
  }
  const refused = async (...args: string[]): Promise<string> => {
    const ran = await run('import', ...args)
    assert.notEqual(ran.code, 0)
    return ran.json<{ error: { code: string } }>().error.code
  }
  const everything = async (): Promise<string> => {
    const files = await readdir(dir, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((entry) => entry.isFile())
      .map(async (entry) => `${entry.name} ${hash(await readFile(join(entry.parentPath, entry.name)))}`)
    return (await Promise.all(texts)).sort().join('\n')
  }

  before(async () => {
    home = await tempFolder('amigos-import')
    alice = await startNode(join(home.path, 'alice'))
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    await publish('forum', '1.2.0', FORUM)
    await publish('text', '2.1.0', TEXT)
    owner = `~${(await alice.run<{ user: string }>('status')).user}`
    dir = await folder('blog', {
      'amigo.yaml': '# mine\nname: blog\nversion: 0.1.0 # first\nmain: blog.ts\ntags: [a]\n',
      'blog.ts': `import { createPost, type Post } from '${owner}/forum'
import { slugify } from '${owner}/text'
export async function post(title: string): Promise<Post> { return createPost(slugify(title)) }
`,
    })
  })
  after(async () => {
    await bob.stop()
    await alice.stop()
    await home.remove()
  })

  it('writes range, lock and types, and what is built with them needs no node', async () => {
    const forum = await imported(`${owner}/forum@^1.2`)
    assert.equal(forum.version, '1.2.0')
    assert.match(forum.types, /^\.amigo\/bafy.*\.d\.ts$/)
    const text = await imported(`${owner}/text`, '--mode', 'code')
    assert.equal(text.service, null)
    const yaml = await readFile(join(dir, 'amigo.yaml'), 'utf8')
    assert.match(yaml, /^# mine\nname: blog\nversion: 0\.1\.0 # first\nmain: blog\.ts\n/)
    assert(yaml.includes(`${owner}/forum: { range: ^1.2, mode: live }`), yaml)
    assert(yaml.includes(`${owner}/text: { range: ^2.1, mode: code }`), yaml)
    const built = await amigo(['build', dir, '--json'], { home: join(home.path, 'nobody') })
    assert.equal(built.code, 0, built.stdout)
  })

  it('lets an editor and tsc find the types', async () => {
    const tsc = createRequire(import.meta.url)('typescript') as typeof import('typescript')
    const read = tsc.readConfigFile(join(dir, 'tsconfig.json'), tsc.sys.readFile)
    const { options, fileNames } = tsc.parseJsonConfigFileContent(read.config, tsc.sys, dir)
    const told = () =>
      tsc
        .getPreEmitDiagnostics(tsc.createProgram(fileNames, options))
        .map(({ messageText }) => tsc.flattenDiagnosticMessageText(messageText, ' '))
    assert.deepEqual(told(), [])
    const main = await readFile(join(dir, 'blog.ts'), 'utf8')
    const engine = "import { ImportError } from 'amigos:imports'\nconsole.log(new ImportError('no').code)\n"
    await writeFile(join(dir, 'blog.ts'), engine + main)
    assert.deepEqual(told(), [])
    await writeFile(join(dir, 'blog.ts'), main.replace('createPost(slugify(title))', 'createPost(1)'))
    assert.match(told().join(), /'number' is not assignable to parameter of type 'string'/)
    await writeFile(join(dir, 'blog.ts'), main)
  })

  it('calls the service where it runs', async () => {
    await bob.run('publish', dir)
    const { result } = await bob.run<{ result: unknown }>('call', 'local.land/_/blog', 'post', 'Hello World')
    assert.deepEqual(result, { id: 0, title: 'hello-world' })
    const there = await alice.run<{ result: unknown }>('query', 'local.land/_/forum', 'list')
    assert.deepEqual(there.result, [result])
  })

  it('is built again, to the same contract, by who has nothing but its blocks', async () => {
    const { contract } = await bob.run<{ contract: string }>('push', dir)
    const out = join(home.path, 'again')
    await alice.run('pull', contract, '--out', out)
    const built = await amigo(['build', out, '--json'], { home: join(home.path, 'nobody') })
    assert.equal(built.json().contract, contract, built.stdout)
  })

  it('fetches again what is gone, at the versions of the lock', async () => {
    const lock = await readFile(join(dir, 'amigo.lock'), 'utf8')
    const before = await everything()
    await folder('blog/.amigo', { 'bafyreihmmpceui4vrbq6vnqext7lbhevq2bhaluorz6mcyrhqdukhg6bpu.cbor': 'stale' })
    const [, contract] = /contract: "(.*)"/.exec(lock) ?? []
    await writeFile(join(dir, `.amigo/${contract}.cbor`), 'damaged')
    assert.equal((await run('build')).json<{ error: { code: string } }>().error.code, 'BUILD_FAILED')
    const ran = await run('import')
    assert.equal(ran.code, 0, ran.stdout)
    assert.equal(ran.json<{ imports: Imported[] }>().imports.length, 2)
    assert.equal(await everything(), before)
  })

  it('moves within the range with --update alone, and says what would break', async () => {
    await publish('forum', '1.3.0', `${FORUM}export function clear(): void { posts.length = 0 }`)
    assert.equal((await imported(`${owner}/forum`)).version, '1.2.0')
    assert.equal((await imported(`${owner}/forum`, '--update')).version, '1.3.0')
    await publish('forum', '2.0.0', FORUM.replace('createPost(title: string)', 'createPost(title: string, by: string)'))
    assert.equal((await imported(`${owner}/forum`, '--update')).version, '1.3.0')
    const before = await everything()
    assert.equal(await refused(`${owner}/forum@2`), 'UPGRADE_BREAKS')
    assert.equal(await everything(), before)
    const forced = await imported(`${owner}/forum@2`, '--force')
    assert.equal(forced.version, '2.0.0')
    assert.match(forced.breaks.join(), /createPost: it now needs by/)
    // what the code has to change is what the build says
    assert.equal((await run('build')).json<{ error: { code: string } }>().error.code, 'BUILD_FAILED')
  })

  it('leaves everything as it was where something is wrong', async () => {
    const before = await everything()
    assert.equal(await refused(`${owner}/forum@^7`), 'VERSION_NOT_RUNNING')
    assert.equal(await refused(`${owner}/forum@^7`, '--mode', 'code'), 'VERSION_NOT_FOUND')
    assert.equal(await refused(`${owner}/nothing`), 'SERVICE_NOT_PUBLISHED')
    assert.equal(await refused(`${owner}/forum@>=1`), 'USAGE')
    assert.equal(await refused(`${owner}/forum`, '--mode', 'copy'), 'USAGE')
    assert.equal(await refused('--mode', 'code'), 'USAGE')
    assert.equal(await refused(owner), 'NOT_A_CONTRACT')
    assert.equal(await refused(`${owner}/forum`, join(home.path, 'alice')), 'MANIFEST_NOT_FOUND')
    assert.equal(await everything(), before)
  })

  it('says whose access does not let this user in, and refuses to fork it', async () => {
    const manifest = 'name: secret\nversion: 1.0.0\nmain: main.ts\naccess: owner\n'
    await alice.run('publish', await folder('secret', { 'amigo.yaml': manifest, 'main.ts': TEXT }))
    const before = await everything()
    assert.equal(await refused(`${owner}/secret`, '--mode', 'fork'), 'ACCESS_DENIED')
    assert.equal(await everything(), before)
    const { warnings } = await imported(`${owner}/secret`)
    assert.match(warnings.join(), /only some call it/)
  })

  it('pins the commit of a fork', async () => {
    const other = await folder('fork', {
      'amigo.yaml': 'name: mine\nversion: 0.1.0\nmain: main.ts\n',
      'main.ts': `export { slugify } from '${owner}/text'`,
    })
    await imported(`${owner}/text`, other, '--mode', 'fork')
    assert.match(await readFile(join(other, 'amigo.lock'), 'utf8'), /commit: "bafyrei/)
    assert.equal((await amigo(['build', other], {})).code, 0)
  })
})
