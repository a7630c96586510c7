import assert from 'node:assert/strict'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { build } from '../../daemon/contract/build.ts'
import { compile } from '../../daemon/contract/compile.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { makeImportFiles } from '../../daemon/contract/linking/import-files.ts'
import { parseLock } from '../../daemon/contract/linking/lock.ts'
import type { BuiltContract } from '../../daemon/contract/types.ts'
import { type Files, failure, inFolder, MANIFEST } from './folder.ts'
import { fetched, fetchedFrom, inImporting, SERVICE } from './importing.ts'

const FORUM: Files = {
  'main.ts': `import type { Author } from './author.ts'
import { Kind } from './author.ts'
/** A post. */
export interface Post extends Base { id: number; author: Author; kind?: Kind; wrapped: Box<Author> }
interface Base { at: Date }
type Box<T> = { inner: T }
export type { Author as Writer } from './author.ts'
const posts: Post[] = []
/** Adds one. */
export function createPost(title: string, author?: Author): Post {
  const post = { id: posts.length, at: new Date(0), author: author ?? { name: title }, wrapped: { inner: { name: title } } }
  posts.push(post)
  return post
}
/** @query */
export function list(n = 3) { return posts.slice(0, n).map(({ id }) => id) }
export async function* all(): AsyncGenerator<Post> { yield* posts }
`,
  'author.ts': 'export interface Author { name: string }\nexport class Kind { b = 1 }',
}
const TEXT: Files = {
  'main.ts': `import { low } from './lib/low.ts'
let calls = 0
export interface Options { sep: string }
export function slugify(s: string, o?: Options): string { calls++; return low(s).replaceAll(' ', o?.sep ?? '-') }`,
  'lib/low.ts': 'export const low = (s: string): string => s.toLowerCase()',
}
const forum = await fetched({ name: 'alice.amigos.net/forum', mode: 'live', range: '^0.1' }, FORUM)
const text = await fetched({ name: 'carol.amigos.net/text', mode: 'code' }, TEXT)

const cidOf = async (built: BuiltContract): Promise<string> => (await encodeContract(built)).cid.toString()
const moduleOf = (built: BuiltContract): string => new TextDecoder().decode(built.module)
const reasons = async (files: Files, imports = [forum, text]): Promise<string[]> =>
  inImporting(files, imports, async (dir) =>
    (await failure('BUILD_FAILED', () => build(dir))).problems.map((p) => p.reason),
  )

describe('imports', () => {
  it('gives the functions of a service as they are called, with its types', async () => {
    const main = `import { createPost, type Post, type Writer } from 'alice.amigos.net/forum@^0.1'
export async function post(title: string, author?: Writer): Promise<Post> {
  const made: Post = await createPost(title, author)
  const name: string = made.wrapped.inner.name
  return { ...made, author: { name } }
}`
    await inImporting({ 'main.ts': main }, [forum, text], async (dir) => {
      const built = await compile(dir)
      const [live, code] = built.imports
      assert(live?.mode === 'live' && code?.mode === 'code')
      assert.deepEqual(
        live.functions.map(({ name }) => name),
        ['createPost'],
      )
      assert.equal(live.service.toString(), SERVICE)
      assert.equal(built.interface[0]?.result.kind, 'object')
      assert.match(moduleOf(built), /importFunction\("alice\.amigos\.net\/forum", "createPost"\)/)
      assert.doesNotMatch(moduleOf(built), /"list"/)
      assert.deepEqual(built.bundle, [])
      assert.deepEqual(built.warnings, ['amigo.yaml: the code does not use the import carol.amigos.net/text'])
      // it can be stored, and read back
      assert.match(await cidOf(built), /^bafyrei/)
    })
  })

  it('takes all functions where the module is imported whole, and none for types', async () => {
    const used = async (main: string): Promise<string[]> =>
      inImporting({ 'main.ts': main }, [forum], async (dir) => {
        const [found] = (await build(dir)).imports
        return found?.mode === 'live' ? found.functions.map(({ name }) => name) : []
      })
    const from = "from 'alice.amigos.net/forum'"
    const all = ['createPost', 'list', 'all']
    const ids = 'export async function ids() { return forum.list() }'
    assert.deepEqual(await used(`import * as forum ${from}\n${ids}`), all)
    assert.deepEqual(await used(`import type { Post } ${from}\nexport function f(p: Post): number { return p.id }`), [])
    assert.deepEqual(await used(`export { list, createPost as make } ${from}`), ['createPost', 'list'])
    assert.deepEqual(await used(`export * ${from}`), all)
    const later = `export async function f() { return (await import('alice.amigos.net/forum')).list() }`
    assert.deepEqual(await used(later), all)
  })

  it('has what it re-exports in its interface', async () => {
    const main =
      "export { createPost as make } from 'alice.amigos.net/forum'\nexport { slugify } from 'carol.amigos.net/text'"
    await inImporting({ 'main.ts': main }, [forum, text], async (dir) => {
      const shown = (await build(dir)).interface.map(({ name, params, returns }) => [name, params.length, returns])
      assert.deepEqual(shown, [
        ['make', 2, 'Post'],
        ['slugify', 2, 'string'],
      ])
    })
  })

  it('checks calls by the types of the service', async () => {
    const told = await reasons({
      'main.ts': `import { createPost, list, nothing } from 'alice.amigos.net/forum'
export function f(): number[] { return list() }
export const g = (): Promise<unknown> => createPost(1)
export const h: unknown = nothing`,
    })
    assert.equal(told.length, 3, told.join('\n'))
    assert.match(told[0]!, /no exported member 'nothing'/)
    assert.match(told[1]!, /Promise<number\[\]>/)
    assert.match(told[2]!, /'number' is not assignable/)
  })

  it('says what a specifier lacks', async () => {
    const told = (specifier: string) => reasons({ 'main.ts': `import { f } from '${specifier}'\nexport const g = f` })
    assert.match((await told('bob.amigos.net/x'))[0]!, /amigo\.yaml does not import it/)
    assert.match((await told('alice.amigos.net/forum@^2'))[0]!, /its range here is \^2, and \^0\.1 in amigo\.yaml/)
    assert.match((await told('./amigo-imports/x.ts'))[0]!, /belongs to an import/)
    assert.match((await told('left-pad'))[0]!, /no package left-pad in node_modules/)
  })

  it('links the code of another contract, whose variables are state of the importer', async () => {
    const main = `import { slugify, type Options } from 'carol.amigos.net/text'
export function slug(s: string, o?: Options): string { return slugify(s, o) }`
    await inImporting({ 'main.ts': main }, [text], async (dir) => {
      const built = await build(dir)
      assert.match(moduleOf(built), /"carol\.amigos\.net\/text\/main\.ts", \(\) => \(\{ calls \}\)/)
      assert.deepEqual(
        built.bundle.map(({ kind, name, version }) => [kind, name, version]),
        [['code', 'carol.amigos.net/text', '0.1.0']],
      )
      assert.equal(built.interface[0]?.params[1]?.type.kind, 'object')
      const paths = built.sources.map(({ path }) => path)
      assert(paths.includes(`amigo-imports/${text.contract}/lib/low.ts`), paths.join())
    })
  })

  it('is compiled again from its own sources alone, to the same contract', async () => {
    const main = `import { slugify } from 'carol.amigos.net/text'
import { list } from 'alice.amigos.net/forum'
import pad from 'left-pad'
export async function f() { return [slugify('A'), pad('a', 2), await list()] }`
    const pad = { name: 'left-pad', version: '1.3.0', license: 'WTFPL', main: 'index' }
    const files = {
      'main.ts': main,
      'node_modules/left-pad/package.json': JSON.stringify(pad),
      'node_modules/left-pad/index.js': 'module.exports = function (s, n) { return s.padStart(n) }',
    }
    await inImporting(files, [forum, text], async (dir) => {
      const built = await build(dir)
      const sources = Object.fromEntries(built.sources.map(({ path, content }) => [path, content]))
      const again = await inFolder(sources, (other) => build(other))
      assert.equal(await cidOf(again), await cidOf(built))
      assert.deepEqual(again.bundle, built.bundle)
    })
  })

  describe('of code that imports code', () => {
    const inner = (version: string) =>
      fetched(
        { name: 'carol.amigos.net/text', mode: 'code', range: `~${version}`, version },
        { 'main.ts': `let n = 0\nexport function which(): string { n++; return '${version}' }` },
      )
    const outerOf = async (imports: Awaited<ReturnType<typeof inner>>[]) =>
      fetched(
        { name: 'bob.amigos.net/x', mode: 'code' },
        { 'main.ts': "import { which } from 'carol.amigos.net/text'\nexport const old = (): string => which()" },
        imports,
      )
    const MAIN = `import { old } from 'bob.amigos.net/x'
import { which } from 'carol.amigos.net/text'
export function both(): string { return old() + which() }`

    it('holds two versions side by side', async () => {
      const [one, two] = [await inner('1.0.0'), await inner('2.0.0')]
      await inImporting({ 'main.ts': MAIN }, [await outerOf([one]), two], async (dir) => {
        const built = await build(dir)
        const carols = built.bundle.filter(({ name }) => name === 'carol.amigos.net/text')
        assert.deepEqual(carols.map(({ version }) => version).sort(), ['1.0.0', '2.0.0'])
        assert.match(moduleOf(built), /"carol\.amigos\.net\/text@1\.0\.0\/main\.ts"/)
        assert.match(moduleOf(built), /"carol\.amigos\.net\/text@2\.0\.0\/main\.ts"/)
        const sources = Object.fromEntries(built.sources.map(({ path, content }) => [path, content]))
        assert.equal(await cidOf(await inFolder(sources, (other) => build(other))), await cidOf(built))
      })
    })

    it('holds one version once', async () => {
      const one = await inner('1.0.0')
      await inImporting({ 'main.ts': MAIN }, [await outerOf([one]), one], async (dir) => {
        assert.equal((await build(dir)).bundle.length, 2)
      })
    })

    it('refuses a circle, and shows it', async () => {
      const old = await inner('1.0.0')
      const between = await outerOf([old])
      const newer = await fetched(
        { name: 'carol.amigos.net/text', mode: 'code', range: '~2.0.0', version: '2.0.0' },
        { 'main.ts': "import { old } from 'bob.amigos.net/x'\nexport const which = (): string => old()" },
        [between],
      )
      const main = "import { which } from 'carol.amigos.net/text'\nexport const f = (): string => which()"
      const [told] = await reasons({ 'main.ts': main }, [newer])
      assert.match(told!, /carol\.amigos\.net\/text -> bob\.amigos\.net\/x -> carol\.amigos\.net\/text/)
    })

    it('refuses code that calls services', async () => {
      const main = "import { list } from 'alice.amigos.net/forum'\nexport const f = (): Promise<number[]> => list()"
      const impure = await fetched({ name: 'bob.amigos.net/x', mode: 'code' }, { 'main.ts': main }, [forum])
      const [told] = await reasons({ 'main.ts': "export { f } from 'bob.amigos.net/x'" }, [impure])
      assert.match(told!, /only pure code can be linked/)
    })
  })

  describe('that were changed by hand', () => {
    const MAIN = {
      'main.ts': "export { list } from 'alice.amigos.net/forum'\nexport { slugify } from 'carol.amigos.net/text'",
    }
    const edit = (file: string, change: (text: string) => string, use: (dir: string) => Promise<void>) =>
      inImporting(MAIN, [forum, text], async (dir) => {
        const place = join(dir, file)
        await writeFile(place, change(await readFile(place, 'utf8')))
        await use(dir)
      })
    const other = SERVICE.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
    const edits: Record<string, (lock: string) => string> = {
      range: (lock) => lock.replace('range: "^0.1"', 'range: "^0.2"'),
      mode: (lock) => lock.replace('mode: "live"', 'mode: "code"'),
      version: (lock) => lock.replace('version: "0.1.0"', 'version: "0.1.1"'),
      contract: (lock) => lock.replaceAll(forum.contract, SERVICE),
      service: (lock) => lock.replace(SERVICE, forum.contract),
      interface: (lock) => lock.replace(/interface: ".*"/, `interface: "${other}"`),
      types: (lock) =>
        lock.replace(/types: "(.*)."/, (_, cid: string) => `types: "${cid}${cid.endsWith('a') ? 'b' : 'a'}"`),
      check: (lock) => lock.replace(/check: ".{8}/, 'check: "00000000'),
    }
    for (const [field, change] of Object.entries(edits))
      it(`names the field ${field} of amigo.lock`, () =>
        edit('amigo.lock', change, async (dir) => {
          const { message, hint } = await failure('LOCK_INVALID', () => build(dir))
          assert.match(message, field === 'check' ? /range/ : new RegExp(`\\b${field}\\b`))
          assert.match(hint, /amigo import alice\.amigos\.net\/forum --update/)
        }))

    const broken: Record<string, (lock: string) => string> = {
      'no YAML': () => '[',
      'of another version': (lock) => lock.replace('v: 1', 'v: 2'),
      'with a field more': (lock) => lock.replace('    check:', '    more: "1"\n    check:'),
      'with a field less': (lock) => lock.replace(/ +version.*\n/, ''),
      'with an import less': (lock) => lock.slice(0, lock.indexOf('  "carol')),
      'with an import more': (lock) => lock + lock.slice(lock.indexOf('  "carol')).replaceAll('carol', 'dora'),
      'too large': (lock) => `${lock}#${'x'.repeat(70_000)}`,
    }
    for (const [what, change] of Object.entries(broken))
      it(`refuses a lock that is ${what}`, () =>
        edit('amigo.lock', change, async (dir) => {
          await failure('LOCK_INVALID', () => build(dir))
        }))

    it('fails with LOCK_INVALID alone, whatever a byte of the lock becomes', async () => {
      const { lock } = await makeImportFiles([forum, text])
      const bytes = new TextEncoder().encode(lock)
      const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }))
      await fc.assert(
        fc.asyncProperty(change, async ([at, byte]) => {
          const read = parseLock(bytes.with(at, byte), { imports: {} })
          await read.catch((error) => assert.equal(error.code, 'LOCK_INVALID'))
        }),
        { numRuns: 300 },
      )
    })

    it('refuses to write what is not what it is called', async () => {
      const { root } = forum
      await failure('CONTRACT_INVALID', () => makeImportFiles([{ ...text, root }]))
      const sources = text.sources.map(({ path }) => ({ path, content: new Uint8Array() }))
      await failure('CONTRACT_INVALID', () => makeImportFiles([{ ...text, sources }]))
      await failure('CONTRACT_INVALID', () => makeImportFiles([{ ...text, sources: text.sources.slice(1) }]))
    })

    it('refuses a lock that is stale, or not there', async () => {
      await edit(
        'amigo.yaml',
        (yaml) => yaml.replace('^0.1', '^0.1.0'),
        async (dir) => {
          assert.match((await failure('LOCK_INVALID', () => build(dir))).message, /range of alice/)
          await rm(join(dir, 'amigo.lock'))
          await failure('LOCK_INVALID', () => build(dir))
        },
      )
    })

    it('refuses sources, interfaces and types that are not those of the lock', async () => {
      const added = (text: string): string => `${text}\n`
      const { contract } = forum
      const files = [`${text.contract}/lib/low.ts`, `${text.contract}.cbor`, `${contract}.cbor`, `${contract}.d.ts`]
      for (const file of files)
        await edit(`.amigo/${file}`, added, async (dir) => {
          const { problems } = await failure('BUILD_FAILED', () => build(dir))
          assert.equal(problems[0]?.file, `.amigo/${file}`)
        })
      await edit(`.amigo/${contract}.d.ts`, added, async (dir) => {
        await rm(join(dir, '.amigo'), { recursive: true })
        const { message, hint } = await failure('BUILD_FAILED', () => build(dir))
        assert.match(message, /what was fetched of (alice|carol)\.amigos\.net\/\w+ is missing/)
        assert.match(hint, /amigo import/)
      })
    })
  })

  it('follows a contract whose state it carries over to the next version of what it links', async () => {
    const MAIN = { 'main.ts': "export { slugify } from 'carol.amigos.net/text'" }
    await inImporting(TEXT, [], async (source) => {
      const wish = { name: 'carol.amigos.net/text', mode: 'code' as const }
      const lines = async () =>
        inImporting(MAIN, [await fetchedFrom(wish, source)], async (dir) =>
          moduleOf(await build(dir)).match(/register\("[^"]*"/g),
        )
      const before = await lines()
      await writeFile(join(source, 'amigo.yaml'), MANIFEST.replace('0.1.0', '0.2.0'))
      assert.deepEqual(await lines(), before)
    })
  })

  it('does not follow links in what was fetched', async () => {
    await inImporting({ 'main.ts': "export { slugify } from 'carol.amigos.net/text'" }, [text], async (dir) => {
      const place = join(dir, '.amigo', text.contract, 'lib/low.ts')
      await writeFile(join(dir, 'low.ts'), TEXT['lib/low.ts']!)
      await rm(place)
      await mkdir(dirname(place), { recursive: true })
      await symlink(join(dir, 'low.ts'), place)
      await failure('BUILD_FAILED', () => build(dir))
    })
  })
})
