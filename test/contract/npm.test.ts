import assert from 'node:assert/strict'
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../../daemon/contract/build.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { mapExports, mapImports } from '../../daemon/contract/linking/npm-exports.ts'
import type { BuiltContract } from '../../daemon/contract/types.ts'
import { type Files, failure, inFolder } from './folder.ts'
import { fetched, inImporting } from './importing.ts'

/** A package in node_modules, of these files beside its package.json. */
function pack(name: string, json: object, files: Files, at = 'node_modules'): Files {
  const described = { name, version: '1.0.0', license: 'MIT', ...json }
  const entries = Object.entries({ 'package.json': JSON.stringify(described), ...files })
  return Object.fromEntries(entries.map(([file, content]) => [`${at}/${name}/${file}`, content]))
}

const cidOf = async (built: BuiltContract): Promise<string> => (await encodeContract(built)).cid.toString()

/** What the module gives when it runs: the functions of its entry, by name. */
async function running(built: BuiltContract): Promise<Record<string, () => unknown>> {
  const text = new TextDecoder().decode(built.module).replaceAll(/^import .*amigos:state.*$/gm, '')
  const module = text.replaceAll(/__amigos_register\d*\(/g, '(() => {})(')
  return import(`data:text/javascript,${encodeURIComponent(module)}`)
}

/** `f()` of a contract with these packages, compiled from the folder and again from its own sources. */
async function resultOf(main: string, files: Files): Promise<unknown> {
  return inFolder({ 'main.ts': main, ...files }, async (dir) => {
    const built = await build(dir)
    const sources = Object.fromEntries(built.sources.map(({ path, content }) => [path, content]))
    assert.equal(await cidOf(await inFolder(sources, (other) => build(other))), await cidOf(built))
    return (await running(built))['f']!()
  })
}

async function refusal(main: string, files: Files): Promise<string> {
  return inFolder({ 'main.ts': main, ...files }, async (dir) => {
    const { problems, hint } = await failure('BUILD_FAILED', () => build(dir))
    assert.notEqual(hint, '')
    assert(!JSON.stringify(problems).includes(dir))
    return problems.map(({ reason }) => reason).join('\n')
  })
}

const USE = "import x from 'pkg'\nexport const f = (): unknown => x('a')"

describe('npm packages', () => {
  it('are bundled, with name, version, licence and their files', async () => {
    const files = pack(
      'pkg',
      { main: 'lib/main', version: '2.3.4', license: { type: 'ISC' } },
      {
        'lib/main.js':
          "var up = require('./up'); module.exports = function (s) { return up(s) + require('../data.json').n }",
        'lib/up/index.js': 'module.exports = function (s) { return s.toUpperCase() }',
        'data.json': '{"n": 7}',
        'lib/unused.js': 'syntax error (',
      },
    )
    assert.equal(await resultOf(USE, files), 'A7')
    await inFolder({ 'main.ts': USE, ...files }, async (dir) => {
      const { bundle, sources } = await build(dir)
      const path = 'amigo-imports/npm/pkg@2.3.4'
      assert.deepEqual(bundle, [{ kind: 'npm', name: 'pkg', version: '2.3.4', license: 'ISC', path }])
      const kept = sources.map((source) => source.path).filter((one) => one.startsWith(path))
      assert.deepEqual(
        kept,
        ['data.json', 'lib/main.js', 'lib/up/index.js', 'package.json'].map((file) => `${path}/${file}`),
      )
    })
  })

  const forms: Record<string, [json: object, files: Files]> = {
    'a module without exports': [{ module: 'm.mjs', main: 'no.js' }, { 'm.mjs': 'export default (s) => s' }],
    'index.js': [{}, { 'index.js': 'module.exports = (s) => s' }],
    'exports as a text': [{ exports: './x.js' }, { 'x.js': 'export default (s) => s' }],
    conditions: [
      { exports: { '.': { node: './no.js', browser: './no.js', import: { default: './x.js' }, require: './no.js' } } },
      { 'x.js': 'export default (s) => s' },
    ],
    'imports of its own': [
      { exports: './x.js', imports: { '#y/*': './inner/*.js' } },
      { 'x.js': "export { default } from '#y/z'", 'inner/z.js': 'export default (s) => s' },
    ],
    'itself by its name': [
      { exports: { '.': './x.js', './y': './y.js' } },
      { 'x.js': "export { default } from 'pkg/y'", 'y.js': 'export default (s) => s' },
    ],
    'what Node.js and bundlers know': [
      {},
      {
        'index.js': "module.exports = (s) => process.env.NODE_ENV === 'production' && global === globalThis ? s : ''",
      },
    ],
    'what it can do without': [
      {},
      {
        'index.js':
          "var fs; try { fs = require('fs') } catch (e) {}\nmodule.exports = (s) => fs === undefined ? s : ''",
      },
    ],
    'a universal module': [
      {},
      {
        'index.js':
          "(function (r, f) { if (typeof exports === 'object' && typeof module !== 'undefined') module.exports = f(); else r.x = f() })(this, function () { return (s) => s })",
      },
    ],
  }
  for (const [what, [json, files]] of Object.entries(forms))
    it(`are found by ${what}`, async () => {
      assert.equal(await resultOf(USE, pack('pkg', json, files)), 'a')
    })

  it('are found by the parts that they export, of scopes, and by other names', async () => {
    const files = {
      ...pack(
        '@s/pkg',
        { exports: { './a/*': './src/*.js', './a/hidden': null } },
        { 'src/one.js': 'export const n = 1' },
      ),
      ...pack('two', {}, { 'lib/two.js': 'exports.n = 2' }),
      'node_modules/three/package.json': '{"name":"other","version":"3.0.0","main":"./three.cjs"}',
      'node_modules/three/three.cjs': 'exports.n = 3',
    }
    const main = `import { n } from '@s/pkg/a/one'
import two from 'two/lib/two.js'
import * as three from 'three'
export const f = (): unknown => [n, two.n, three.n]`
    assert.deepEqual(await resultOf(main, files), [1, 2, 3])
    assert.match(
      await refusal("import { n } from '@s/pkg/a/hidden'\nexport const f = (): unknown => n", files),
      /no such module/,
    )
  })

  it('say their types, or are taken for anything', async () => {
    const typed = pack(
      'pkg',
      { types: 'x.d.ts', main: 'x' },
      {
        'x.d.ts': "import type { N } from './n'\nexport default function x(n: N): string",
        'n.d.ts': 'export type N = number',
        'x.js': 'module.exports = String',
      },
    )
    assert.match(await refusal(USE, typed), /'string' is not assignable to parameter of type 'number'/)
    const referred = pack(
      'pkg',
      { types: 'x.d.ts', main: 'x' },
      {
        'x.d.ts': '/// <reference path="lib/n.d.ts" />\nexport default function x(n: Pkg.N): string',
        'lib/n.d.ts': 'declare namespace Pkg { type N = number }',
        'x.js': 'module.exports = String',
      },
    )
    assert.match(await refusal(USE, referred), /'string' is not assignable to parameter of type 'number'/)
    const byOthers = {
      ...pack('pkg', {}, { 'index.js': 'module.exports = (s) => s' }),
      ...pack('@types/pkg', {}, { 'index.d.ts': 'export default function x(n: number): string' }),
    }
    assert.match(await refusal(USE, byOthers), /'string' is not assignable to parameter of type 'number'/)
    const main = "import { anything } from 'pkg'\nexport const f = (): string => anything.at.all ?? 'a'"
    assert.equal(await resultOf(main, pack('pkg', {}, { 'index.js': 'exports.anything = { at: {} }' })), 'a')
    const onlyTypes = pack('pkg', { types: 'x.d.ts' }, { 'x.d.ts': 'export type X = string' })
    assert.equal(await resultOf("import type { X } from 'pkg'\nexport const f = (): X => 'a'", onlyTypes), 'a')
  })

  it('give the same contract wherever they lie in node_modules', async () => {
    const inner = (at: string) => pack('inner', {}, { 'index.js': 'module.exports = (s) => s + 1' }, at)
    const outer = pack('pkg', {}, { 'index.js': "module.exports = (s) => require('inner')(s)" })
    const cid = (files: Files) => inFolder({ 'main.ts': USE, ...files }, async (dir) => cidOf(await build(dir)))
    const flat = await cid({ ...outer, ...inner('node_modules') })
    assert.equal(await cid({ ...outer, ...inner('node_modules/pkg/node_modules') }), flat)
    const linked = await inFolder({ 'main.ts': USE, ...outer, ...inner('node_modules') }, async (dir) => {
      for (const name of ['pkg', 'inner']) {
        const store = join(dir, `node_modules/.store/${name}@1/node_modules`)
        await mkdir(store, { recursive: true })
        await rename(join(dir, 'node_modules', name), join(store, name))
        await symlink(join(store, name), join(dir, 'node_modules', name))
      }
      return cidOf(await build(dir))
    })
    assert.equal(linked, flat)
  })

  it('are there in two versions, where two are needed', async () => {
    const inner = (version: string, at: string) =>
      pack('inner', { version }, { 'index.js': `module.exports = '${version}'` }, at)
    const files = {
      ...pack('pkg', {}, { 'index.js': "module.exports = () => require('inner')" }),
      ...inner('1.0.0', 'node_modules'),
      ...inner('2.0.0', 'node_modules/pkg/node_modules'),
    }
    const main = "import x from 'pkg'\nimport inner from 'inner'\nexport const f = (): unknown => [x(), inner]"
    assert.deepEqual(await resultOf(main, files), ['2.0.0', '1.0.0'])
  })

  it('are the same ones each time, where copies of one version mean different things', async () => {
    const inner = (version: string, at: string) =>
      pack('inner', { version }, { 'index.js': `module.exports = '${version}'` }, at)
    const twice = (at: string) => pack('twice', {}, { 'index.js': "module.exports = require('inner')" }, at)
    const users = Array.from({ length: 8 }, (_, i) => i)
    const files = Object.assign(
      {},
      ...users.flatMap((i) => [
        pack(`user${i}`, {}, { 'index.js': "module.exports = require('twice')" }),
        twice(`node_modules/user${i}/node_modules`),
        inner(`${i}.0.0`, `node_modules/user${i}/node_modules`),
      ]),
    ) as Files
    const imports = users.map((i) => `import u${i} from 'user${i}'`).reverse()
    const main = `${imports.join('\n')}\nexport const f = (): unknown => [${users.map((i) => `u${i}`)}]`
    assert.deepEqual(await resultOf(main, files), Array(8).fill('7.0.0'))
  })

  it('come along with code that is imported', async () => {
    const files = pack('pkg', {}, { 'index.js': 'module.exports = (s) => s' })
    const code = await fetched({ name: 'bob.amigos.net/x', mode: 'code' }, { 'main.ts': USE, ...files })
    const own = pack('pkg', { version: '9.0.0' }, { 'index.js': "module.exports = () => 'own'" })
    const main =
      "import { f as g } from 'bob.amigos.net/x'\nimport x from 'pkg'\nexport const f = (): unknown => [g(), x()]"
    await inImporting({ 'main.ts': main, ...own }, [code], async (dir) => {
      const built = await build(dir)
      assert.deepEqual((await running(built))['f']!(), ['a', 'own'])
      assert.deepEqual(built.bundle.map(({ name, version }) => `${name} ${version}`).sort(), [
        'bob.amigos.net/x 0.1.0',
        'pkg 1.0.0',
        'pkg 9.0.0',
      ])
      const sources = Object.fromEntries(built.sources.map(({ path, content }) => [path, content]))
      assert.equal(await cidOf(await inFolder(sources, (other) => build(other))), await cidOf(built))
    })
  })

  const refused: Record<string, [reason: RegExp, json: object, files: Files]> = {
    'modules of Node.js': [/'fs'.*Node\.js/, {}, { 'index.js': "module.exports = require('fs')" }],
    'modules of Node.js by their scheme': [
      /'node:fs'/,
      { type: 'module' },
      { 'index.js': "export { default } from 'node:fs'" },
    ],
    'native parts': [/native/, {}, { 'index.js': "module.exports = require('./build/x.node')", 'build/x.node': 'ELF' }],
    'parts to be compiled': [/native/, {}, { 'index.js': 'module.exports = 1', 'binding.gyp': '{}' }],
    'parts that npm compiles': [/native/, { gypfile: true }, { 'index.js': 'module.exports = 1' }],
    'install scripts': [/postinstall/, { scripts: { postinstall: 'node x' } }, { 'index.js': 'module.exports = 1' }],
    'computed requires': [/require/, {}, { 'index.js': 'module.exports = (s) => require(s)' }],
    'requires of a path with a part that is computed': [
      /no fixed text/,
      {},
      { 'index.js': "module.exports = (s) => require('./' + s)", 'a.js': '' },
    ],
    'requires of a computed path inside try': [
      /no fixed text/,
      {},
      { 'index.js': 'module.exports = (s) => { try { return require("./" + s + ".json") } catch { return 1 } }' },
    ],
    'computed imports': [/import/, { type: 'module' }, { 'index.js': 'export default (s) => import(s)' }],
    'what is not there': [/no package gone/, {}, { 'index.js': "module.exports = require('gone')" }],
    'what lies outside of them': [/leads out/, {}, { 'index.js': "module.exports = require('../../main.ts')" }],
    'other kinds of file': [/no JavaScript/, { exports: './x.wasm' }, { 'x.wasm': '\0asm' }],
    'broken syntax': [/npm\/pkg@1\.0\.0|Unexpected|Expected/, {}, { 'index.js': 'module.exports = (' }],
    'names that not every disk has': [/not every system|dot/, { main: '.x/y.js' }, { '.x/y.js': 'module.exports = 1' }],
    'no version': [/version/, { version: undefined }, { 'index.js': 'module.exports = 1' }],
    'a version that is none': [/version/, { version: '../../x' }, { 'index.js': 'module.exports = 1' }],
    'a package.json that is none': [/package\.json/, {}, { 'package.json': '[', 'index.js': 'module.exports = 1' }],
  }
  for (const [what, [reason, json, files]] of Object.entries(refused))
    it(`are refused for ${what}`, async () => {
      assert.match(await refusal(USE, pack('pkg', json, files)), reason)
    })

  it('are refused where a link leads out of the folder', async () => {
    await inFolder(pack('pkg', {}, { 'index.js': 'module.exports = 1' }, 'elsewhere'), async (root) => {
      const dir = join(root, 'contract')
      await mkdir(join(dir, 'node_modules'), { recursive: true })
      await cp(join(root, 'amigo.yaml'), join(dir, 'amigo.yaml'))
      await symlink(join(root, 'elsewhere/pkg'), join(dir, 'node_modules/pkg'))
      await cp(join(root, 'elsewhere'), join(root, 'node_modules'), { recursive: true })
      await writeFile(join(dir, 'main.ts'), USE)
      assert.match((await failure('BUILD_FAILED', () => build(dir))).message, /link to somewhere else/)
      // nor is the folder above looked into
      await rm(join(dir, 'node_modules'), { recursive: true })
      assert.match((await failure('BUILD_FAILED', () => build(dir))).message, /no package pkg/)
    })
  })
})

describe('exports of a package.json', () => {
  const conditions = new Set(['import', 'default'])
  const EXPORTS = {
    '.': [{ unknown: './no' }, './main.js'],
    './x': { require: './no', import: './x.js' },
    './f/*': './files/*.js',
    './f/long/*': './longer/*.js',
    './f/*.css': null,
    './none': { node: './no' },
  }
  const cases: [subpath: string, found: string | null][] = [
    ['.', './main.js'],
    ['./x', './x.js'],
    ['./f/a', './files/a.js'],
    ['./f/long/a', './longer/a.js'],
    ['./f/a.css', null],
    ['./none', null],
    ['./y', null],
    ['./f/', null],
    ['./f/*', './files/*.js'],
  ]
  for (const [subpath, found] of cases)
    it(`say what ${subpath} is`, () => assert.equal(mapExports(EXPORTS, subpath, conditions), found))

  it('are bounded, whatever they hold', () => {
    let deep: unknown = './x.js'
    for (let i = 0; i < 1000; i++) deep = { default: deep }
    assert.equal(mapExports(deep, '.', conditions), null)
    for (const value of [null, 7, true, [], {}, { '.': 7 }, [[[]]]])
      assert.equal(mapExports(value, '.', conditions) ?? null, null)
    assert.equal(mapImports([], '#a', conditions), undefined)
    assert.equal(mapImports({ '#a': './b.js' }, '#a', conditions), './b.js')
  })
})
