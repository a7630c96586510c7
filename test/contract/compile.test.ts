import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../../daemon/contract/build.ts'
import { compile } from '../../daemon/contract/compile.ts'
import { MAX_MODULE_BYTES, MAX_PROBLEMS, MAX_SOURCE_BYTES, MAX_SOURCES } from '../../daemon/contract/constants.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { failure, inFolder, MANIFEST } from './folder.ts'

const SAMPLE = {
  'main.ts': `import { caller } from 'amigos:context'
import type { Pair } from './types.ts'
import data from './data/words.json' with { type: 'json' }
import { add } from './lib/add.ts'
enum Colour { Red }
export const total = (pair: Pair): number => add(pair.a, pair.b) + data.length + Colour.Red
export function who(): string { return caller() }
`,
  'lib/add.ts': `import { one } from '../js.js'
export const add = (a: number, b: number): number => a + b + one - one`,
  'js.js': 'export const one = 1',
  'types.ts': 'export interface Pair { a: number; b: number }',
  'data/words.json': '["a", "b"]',
  'main.test.ts': "import { total } from './main.ts'",
  'README.md': 'not a source',
}

describe('compile', () => {
  it('makes one module of what main reaches, and keeps the reached sources', async () => {
    await inFolder(SAMPLE, async (dir) => {
      const built = await compile(dir)
      const paths = built.sources.map(({ path }) => path)
      assert.deepEqual(paths, ['amigo.yaml', 'data/words.json', 'js.js', 'lib/add.ts', 'main.ts', 'types.ts'])
      const code = new TextDecoder().decode(built.module)
      assert.deepEqual(code.match(/^import .*$/gm), [
        'import { caller } from "amigos:context";',
        'import { register as __amigos_register } from "amigos:state";',
      ])
      assert.deepEqual(
        built.interface.map(({ name }) => name),
        ['total', 'who'],
      )
      assert.deepEqual(built.warnings, [])
    })
  })

  it('takes the sources of a project as its own tools do: by the names of what is made of them, or by none', async () => {
    const sample = {
      'main.ts': `import { one, three } from './lib'
import { two } from './src/two.js'
import type { Sum } from './src/types'
export { four } from './four.js'
export const total = (): Sum => ({ sum: one + two + three })`,
      'lib/index.ts': "export { one } from './one'\nexport const three = 3",
      'lib/one.js': 'export const one = 1',
      'lib/one/index.ts': "export const one = 'not this one'",
      'src/two.ts': 'export const two = 2',
      'src/types.ts': 'export interface Sum { sum: number }',
      // what is there under the very name is meant
      'four.js': 'export function four() { return 4 }',
      'four.ts': "export function four(): string { return '4' }",
    }
    await inFolder(sample, async (dir) => {
      const { sources, interface: functions } = await compile(dir)
      const reached = ['amigo.yaml', 'four.js', 'lib/index.ts', 'lib/one.js', 'main.ts', 'src/two.ts', 'src/types.ts']
      assert.deepEqual(
        sources.map(({ path }) => path),
        reached,
      )
      const total = functions.find(({ name }) => name === 'total')
      assert.deepEqual(total?.result, {
        kind: 'object',
        fields: [{ name: 'sum', type: { kind: 'number' }, optional: false }],
      })
      // the same again from what was reached alone
      const { cid } = await encodeContract(await compile(dir))
      const again = Object.fromEntries(sources.map(({ path, content }) => [path, new TextDecoder().decode(content)]))
      const other = await inFolder(again, async (copy) => encodeContract(await compile(copy)))
      assert.equal(other.cid.toString(), cid.toString())
    })
  })

  it('makes code that does what the sources say', async () => {
    const files = { ...SAMPLE, 'main.ts': SAMPLE['main.ts'].replace(/^.*caller.*$/gm, '') }
    const { module } = await inFolder(files, build)
    // only the virtual machine has what the state accessor imports
    const code = new TextDecoder()
      .decode(module)
      .replace(/^import (.*) from "amigos:state";$/m, 'const $1 = { register() {} };')
      .replace('register as __amigos_register', 'register: __amigos_register')
    const { total } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
    assert.equal(total({ a: 1, b: 2 }), 5)
  })

  it('never executes the code', async () => {
    const main = 'Object.assign(globalThis, { executed: true }); throw 7; export function f(): void {}'
    await inFolder({ 'main.ts': main }, compile)
    assert.equal('executed' in globalThis, false)
  })

  it('gives the same CID wherever the folder lies, and another one for other sources', async () => {
    const cidOf = async (dir: string) => (await encodeContract(await compile(dir))).cid.toString()
    const first = await inFolder(SAMPLE, cidOf)
    const nested = Object.fromEntries(Object.entries(SAMPLE).map(([path, text]) => [`deep/er/${path}`, text]))
    const second = await inFolder({ ...nested, 'deep/er/amigo.yaml': MANIFEST }, (dir) => cidOf(join(dir, 'deep/er')))
    // A tsconfig.json beside or above the sources must not matter.
    const tsconfig = '{"compilerOptions":{"target":"es5","useDefineForClassFields":false,"verbatimModuleSyntax":true}}'
    const third = await inFolder(
      { ...SAMPLE, 'tsconfig.json': tsconfig, 'package.json': '{"sideEffects":false}' },
      cidOf,
    )
    assert.equal(second, first)
    assert.equal(third, first)
    assert.notEqual(await inFolder({ ...SAMPLE, 'js.js': 'export const one = 1 // changed' }, cidOf), first)
  })

  const refused: Record<string, string> = {
    'an npm package': "import x from 'left-pad'",
    'a scoped package': "import x from '@a/b'",
    'a Node.js module': "import fs from 'node:fs'",
    'a Node.js module without its prefix': "import fs from 'fs/promises'",
    'a URL': "import 'https://example.com/x.ts'",
    'a data URL': "import 'data:text/javascript,1'",
    'a file URL': "import 'file:///etc/passwd'",
    'an absolute path': "import '/etc/passwd'",
    'a Windows path': "import 'C:/x.ts'",
    'a path with backslashes': String.raw`import '.\\x.ts'`,
    'a path out of the folder': "import '../../../../etc/x.ts'",
    'a query': "import './x.ts?a'",
    'an escape': "import './%2e%2e/x.ts'",
    'a file of another kind': "import './x.wasm'",
    'no suffix, and no such file': "import './none'",
    'a folder': "import './'",
    'a folder without an index': "import './node'",
    'the suffix of what it is not': "import './lib.json'",
    'an alias of tsconfig.json': "import '@/lib.ts'",
    'a file that is not there': "import './none.ts'",
    'other letters than its name': "import './LIB.ts'",
    'an import type': "export type T = import('left-pad').T",
    'a dynamic import': "await import('left-pad')",
    'a computed import': 'const n = "./lib.ts"; await import(n)',
    'a re-export': "export * from 'left-pad'",
    'a re-export of a type': "export type { T } from 'left-pad'",
    'an import assignment': "import x = require('left-pad')",
    'a link out of the folder': "import './link.ts'",
    'a link inside the folder': "import './inner.ts'",
    'a file in a linked folder': "import './linked/secret.ts'",
    node_modules: "import './node_modules/x.ts'",
  }
  it('refuses imports that lead elsewhere, each with its place, reason and hint', async () => {
    await inFolder({ 'outside/secret.ts': 'export const secret = 1' }, async (root) => {
      const dir = join(root, 'contract')
      await mkdir(join(dir, 'node_modules'), { recursive: true })
      const { writeFile } = await import('node:fs/promises')
      await writeFile(join(dir, 'amigo.yaml'), MANIFEST)
      for (const file of ['lib.ts', 'node_modules/x.ts']) await writeFile(join(dir, file), '')
      await symlink(join(root, 'outside/secret.ts'), join(dir, 'link.ts'))
      await symlink('lib.ts', join(dir, 'inner.ts'))
      await symlink(join(root, 'outside'), join(dir, 'linked'))
      for (const [what, line] of Object.entries(refused)) {
        await writeFile(join(dir, 'main.ts'), `export function f(): void {}\n  ${line}\n`)
        const error = await failure('BUILD_FAILED', () => build(dir))
        const [problem, ...others] = error.problems
        assert.deepEqual(others, [], what)
        assert.equal(`${problem?.file}:${problem?.line}`, 'main.ts:2', what)
        assert(problem && problem.column > 2 && problem.reason !== '' && problem.hint !== '', what)
        assert(!JSON.stringify([error.message, error.hint, problem]).includes(root), what)
      }
    })
  })

  it('says how a file is reached that is not fit for a contract', async () => {
    const files = {
      'main.ts': "import { f } from './src'\nexport const g = f",
      'src/index.ts': "export { f } from './pure.js'\nexport { h } from './disk.js'",
      'src/pure.ts': "import './index.js'\nexport const f = (): number => 1",
      'src/disk.ts': "import { readFileSync } from 'node:fs'\nexport const h = readFileSync",
    }
    const { problems } = await inFolder(files, (dir) => failure('BUILD_FAILED', () => build(dir)))
    assert.deepEqual(
      problems.map(({ file }) => file),
      ['src/disk.ts'],
    )
    assert.match(problems[0]!.hint, /reached by main\.ts -> src\/index\.ts -> src\/disk\.ts\.$/)
  })

  it('tells the names of services from npm packages', async () => {
    const reasonOf = (specifier: string) =>
      inFolder({ 'main.ts': `import { f } from '${specifier}'\nexport const g = f` }, async (dir) => {
        return (await failure('BUILD_FAILED', () => build(dir))).problems[0]?.reason
      })
    const services = ['alice.amigos.net/forum@^1.2', 'local.land/_/forum', 'preview.land/alice/forum', '~k51abc/forum']
    for (const name of services) assert.match((await reasonOf(name)) ?? '', /amigo\.yaml does not import it/)
    for (const name of ['left-pad', 'amigos.network', '@land/x', 'my.landing/x'])
      assert.match((await reasonOf(name)) ?? '', /there is no package .* in node_modules/)
  })

  it('refuses require and unknown import attributes', async () => {
    await inFolder({ 'main.ts': "export const f = () => require('fs')" }, (dir) =>
      failure('BUILD_FAILED', () => build(dir)),
    )
    const main = "import x from './a.json' with { type: 'text' }\nexport const f = (): string => x"
    await inFolder({ 'main.ts': main, 'a.json': '1' }, (dir) => failure('BUILD_FAILED', () => build(dir)))
  })

  it('reads nothing from the disk for a path that is computed, wherever it is compiled', async () => {
    const body = (path: string): string => `declare const require: (path: string) => unknown
export const f = (name: string): string => String(require(\`${path}\${name}.json\`))`
    await inFolder({ 'secret/secret.json': '{"secret":"hunter2"}' }, async (dir) => {
      const up = '../'.repeat(100)
      // what lies around this process, and, from wherever esbuild looks, what lies in that folder
      for (const path of ['./', '../', `${up}${dir.slice(1)}/secret/`]) {
        await writeFile(join(dir, 'main.ts'), body(path))
        assert.match((await failure('BUILD_FAILED', () => compile(dir))).message, /no fixed text/, path)
      }
    })
  })

  it('refuses a manifest, an entry and a whole folder behind links', async () => {
    await inFolder({ 'real/main.ts': 'export function f(): void {}', 'real/amigo.yaml': MANIFEST }, async (root) => {
      await symlink(join(root, 'real/main.ts'), join(root, 'main.ts'))
      await failure('BUILD_FAILED', () => build(root))
      const dir = join(root, 'other')
      await mkdir(dir)
      await symlink(join(root, 'amigo.yaml'), join(dir, 'amigo.yaml'))
      await failure('MANIFEST_NOT_FOUND', () => build(dir))
      // The folder itself is its user's to name.
      await symlink(join(root, 'real'), join(root, 'alias'))
      assert.equal((await build(join(root, 'alias'))).sources.length, 2)
    })
  })

  it('lists syntax errors with file, line and column', async () => {
    const main = "import './b.ts'\nexport function f(): number {\n  return 1 +\n}\n"
    await inFolder({ 'main.ts': main, 'b.ts': 'let a = 1\nlet a = 2\nconst b: = 3\n' }, async (dir) => {
      const { problems, message } = await failure('BUILD_FAILED', () => compile(dir))
      assert.deepEqual(
        problems.map(({ file, line, column }) => [file, line, column]),
        [['main.ts', 4, 1]],
      )
      assert.match(message, /^main\.ts:4:1: /)
    })
    await inFolder({ 'main.ts': Array.from({ length: 30 }, () => 'let a = 1').join('\n') }, async (dir) => {
      assert.equal((await failure('BUILD_FAILED', () => build(dir))).problems.length, MAX_PROBLEMS)
    })
  })

  it('reports what only the linker sees', async () => {
    await inFolder(
      { 'main.ts': "import { no } from './b.ts'\nexport const f = () => no()", 'b.ts': 'export {}' },
      async (dir) => {
        const [problem] = (await failure('BUILD_FAILED', () => build(dir))).problems
        assert.deepEqual([problem?.file, problem?.line, problem?.column], ['main.ts', 1, 10])
      },
    )
  })

  it('refuses sources that are no text, and JSON that is none', async () => {
    const main = "import './a.json'"
    await inFolder({ 'main.ts': main, 'a.json': new Uint8Array([34, 0xff, 34]) }, (dir) =>
      failure('BUILD_FAILED', () => build(dir)),
    )
    await inFolder({ 'main.ts': main, 'a.json': '{a: 1}' }, (dir) => failure('BUILD_FAILED', () => build(dir)))
  })

  it('refuses code and data nested so deeply that a parser gives up', async () => {
    const nest = (n: number) => '['.repeat(n) + ']'.repeat(n)
    const chain = `export const x = ${'!'.repeat(300_000)}1`
    await inFolder({ 'main.ts': `export const x = ${nest(200_000)}` }, (dir) =>
      failure('BUILD_FAILED', () => compile(dir)),
    )
    await inFolder({ 'main.ts': chain }, (dir) => failure('BUILD_FAILED', () => compile(dir)))
    const json = { 'main.ts': "import './a.json'", 'a.json': nest(200_000) }
    await inFolder(json, (dir) => failure('BUILD_FAILED', () => compile(dir)))
  })

  it('bounds a source, their number and the module', async () => {
    const large = `/*${'x'.repeat(MAX_SOURCE_BYTES)}*/`
    await inFolder({ 'main.ts': large }, (dir) => failure('CONTRACT_TOO_LARGE', () => build(dir)))
    const many = Object.fromEntries(
      Array.from({ length: MAX_SOURCES }, (_, i) => [`f${i}.ts`, `import './f${i + 1}.ts'`]),
    )
    await inFolder({ ...many, 'main.ts': "import './f0.ts'" }, (dir) => failure('CONTRACT_TOO_LARGE', () => build(dir)))
    const half = JSON.stringify('x'.repeat(MAX_MODULE_BYTES * 0.6))
    const halves = { 'main.ts': "export * as a from './a.ts'; export * as b from './b.ts'" }
    const two = { ...halves, 'a.ts': `export const a = ${half}`, 'b.ts': `export const b = ${half}` }
    await inFolder(two, (dir) => failure('CONTRACT_TOO_LARGE', () => build(dir)))
  })

  it('shows what a source says without obeying it', async () => {
    const main = "import '\u001b[2J'\nexport const a = '\u001b'"
    await inFolder({ 'main.ts': main }, async (dir) => {
      const { message, problems } = await failure('BUILD_FAILED', () => build(dir))
      assert(!JSON.stringify([message, problems]).includes('\\u001b'))
    })
    const named = "const a = 1\nexport { a as '\u001b[2J' }\nexport function f(): void {}"
    const { warnings } = await inFolder({ 'main.ts': named }, build)
    assert.equal(warnings.length, 1)
    assert(!JSON.stringify(warnings).includes('\\u001b'))
  })

  it('refuses engine modules that there are not', async () => {
    const source = "import 'amigos:contxt'\nexport function f(): void {}"
    const { problems } = await inFolder({ 'main.ts': source }, (dir) => failure('BUILD_FAILED', () => build(dir)))
    assert.deepEqual([problems[0]?.file, problems[0]?.line], ['main.ts', 1])
    assert.match(problems[0]!.reason, /amigos:contxt/)
  })

  it('refuses an access to functions that there are not', async () => {
    const yaml = `${MANIFEST}access:\n  functions:\n    resett: owner\n`
    const files = { 'amigo.yaml': yaml, 'main.ts': 'export function reset(): void {}' }
    const { problems } = await inFolder(files, (dir) => failure('BUILD_FAILED', () => build(dir)))
    assert.deepEqual(
      problems.map(({ file }) => file),
      ['amigo.yaml'],
    )
  })

  it('compiles side by side', async () => {
    await inFolder(SAMPLE, async (dir) => {
      const [a, b, c] = await Promise.all([compile(dir), compile(dir), compile(dir)])
      assert.deepEqual(a, b)
      assert.deepEqual(b, c)
    })
  })

  it('stops at its deadline and when it is told to', async () => {
    await inFolder(SAMPLE, async (dir) => {
      await failure('BUILD_FAILED', () => compile(dir, { timeMs: 1 }))
      const reason = new Error('enough')
      await assert.rejects(compile(dir, { signal: AbortSignal.abort(reason) }), reason)
      const controller = new AbortController()
      const running = compile(dir, { signal: controller.signal })
      controller.abort(reason)
      await assert.rejects(running, reason)
    })
  })

  it('leaves nothing behind that keeps a process alive', async () => {
    await inFolder(SAMPLE, async (dir) => {
      const module = new URL('../../daemon/contract/compile.ts', import.meta.url).href
      const script = `const { compile } = await import(${JSON.stringify(module)}); await compile(${JSON.stringify(dir)})`
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
      assert.deepEqual(await once(child, 'exit'), [0, null])
    })
  })
})
