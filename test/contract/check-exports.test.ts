import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from '../../daemon/contract/build.ts'
import { bundle } from '../../daemon/contract/bundle.ts'
import { checkExports } from '../../daemon/contract/check-exports.ts'
import { failure, inFolder, MANIFEST } from './folder.ts'

const MODULES = new URL('../../daemon/contract/', import.meta.url).href
const PRINT_CID = `
  const { compile } = await import('${MODULES}compile.ts')
  const { encodeContract } = await import('${MODULES}encode.ts')
  const built = await compile(process.argv[1])
  console.log((await encodeContract(built)).cid.toString(), new TextDecoder().decode(built.module).includes('increment'))`

/** The CID that a process makes whose working directory is `cwd`. */
async function cidFrom(cwd: string, dir: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PRINT_CID, dir], { cwd })
  const [cid = '', hasCode] = stdout.trim().split(' ')
  assert.equal(hasCode, 'true', `the module made from ${cwd} holds the code`)
  return cid
}

/** No module but those that are given. */
const NOWHERE = {
  follow: async () => ({ reason: 'there is none', hint: 'none' }),
  read: async () => undefined,
  isPackaged: () => false,
  isPure: () => false,
}

describe('a compiled module', () => {
  it('is the same from every working directory: in the folder, above it, among files of the same names', async () => {
    const files = {
      'amigo.yaml': 'name: hello\nversion: 0.1.0\n',
      'hello.ts': "import { by } from './lib/by.ts'\nlet n = 0\nexport const increment = (): number => (n += by)",
      'lib/by.ts': 'export const by = 1',
    }
    const decoys = { 'hello.ts': '', 'lib/by.ts': 'export const by = 2', 'contract-entry': '', 'contract-entry.ts': '' }
    const spread = (folder: string, all: Record<string, string>): [string, string][] =>
      Object.entries(all).map(([path, text]) => [join(folder, path), text])
    await inFolder({}, async (root) => {
      for (const [path, text] of [...spread('hello', files), ...spread('decoys', decoys)]) {
        await mkdir(dirname(join(root, path)), { recursive: true })
        await writeFile(join(root, path), text)
      }
      const dir = join(root, 'hello')
      const cids = await Promise.all([
        cidFrom(dir, '.'),
        cidFrom(join(dir, 'lib'), '..'),
        cidFrom(root, 'hello'),
        cidFrom(join(root, 'decoys'), dir),
        cidFrom('/', dir),
      ])
      assert.equal(new Set(cids).size, 1, cids.join())
    })
  })

  it('is made of nothing but the texts it is given', async () => {
    await failure('BUILD_FAILED', () => bundle('main.ts', new Map([['other.ts', 'export const a = 1']]), NOWHERE))
  })

  it('exports what its interface says, or is not made', async () => {
    // Of two exports with one name JavaScript takes neither.
    const stars = {
      'main.ts': "export * from './a.ts'\nexport * from './b.ts'\nexport function g(): void {}",
      'a.ts': 'export function f(): void {}',
      'b.ts': 'export function f(): void {}',
    }
    const error = await inFolder(stars, (dir) => failure('BUILD_FAILED', () => build(dir)))
    assert.match(error.problems[0]!.reason, /\bf\b/)
    const lifeCycle = { ...stars, 'a.ts': 'export function init(): void {}', 'b.ts': 'export function init(): void {}' }
    await inFolder(lifeCycle, (dir) => failure('BUILD_FAILED', () => build(dir)))
  })

  it('finds the same exports in all the ways to write one', async () => {
    const main = `import { type T, far } from './lib.ts'
export { far as near, T }
export * from './lib.ts'
export function a(): void {}
export const b = (): void => {}, c = 1
export declare function ghost(): void
export enum Colour { Red }
export class Thing {}
export function init(): void {}
export default function (): void {}
export * from 'amigos:context'`
    const { interface: functions, warnings } = await inFolder(
      { 'main.ts': main, 'lib.ts': 'export type T = string; export function far(): void {}' },
      build,
    )
    assert.deepEqual(
      functions.map(({ name }) => name),
      ['near', 'a', 'b', 'far'],
    )
    assert.deepEqual(
      warnings.map((line) => line.split(' ')[1]),
      ['c', 'Colour', 'Thing', 'default'],
    )
  })

  it('may export more than the reader of the interface sees, with a warning', () => {
    const encode = (code: string) => new TextEncoder().encode(code)
    const names = [{ name: 'f', file: 'main.ts', line: 1, isFunction: true }]
    assert.deepEqual(checkExports('main.ts', names, encode('export { f }; let f')), [])
    assert.match(
      checkExports('main.ts', names, encode('export { f, g }; let f, g')).join(),
      /^main\.ts: g cannot be called/,
    )
  })

  it('without a function gives a warning', async () => {
    for (const main of [
      '',
      'let n = 0\nfunction f(): void {}',
      'export function init(): void {}',
      'export type A = 1',
    ]) {
      const { warnings } = await inFolder({ 'main.ts': main }, build)
      assert.deepEqual(warnings, ['main.ts: exports no function: nobody can call it'])
    }
    const silent = await inFolder({ 'main.ts': 'export function f(): void {}', 'amigo.yaml': MANIFEST }, build)
    assert.deepEqual(silent.warnings, [])
  })
})
