/** amigos:steps as the checker sees it: the contracts that the specification shows, and mistakes. */
import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import { SHOP, STOCK, TILL } from '../calls/making-good.ts'
import { inFolder, MANIFEST } from './folder.ts'
import { fetched, inImporting } from './importing.ts'

const version = { range: '^1', version: '1.0.0', mode: 'live' } as const

describe('contract: steps', () => {
  it('compile as the specification shows them, and show their state', async () => {
    const other = (name: string, source: string) => fetched({ name, ...version }, { 'main.ts': source })
    const imports = [await other('bob.amigos.net/stock', STOCK), await other('carol.amigos.net/till', TILL)]
    const built = await inImporting({ 'main.ts': SHOP }, imports, build)
    assert.deepEqual(built.warnings, [])
    const functions = built.interface.map(({ name, params, returns }) => [
      name,
      params.map(({ text }) => text),
      returns,
    ])
    assert.deepEqual(functions, [
      ['order', ['string', 'number'], 'string'],
      ['goOn', ['string'], 'string'],
      ['cancel', ['string'], 'void'],
    ])
    for (const { name, functions } of built.imports as { name: string; functions: { name: string }[] }[]) {
      const both = name === 'bob.amigos.net/stock' ? ['release', 'reserve'] : ['charge', 'refund']
      assert.deepEqual(functions.map((one) => one.name).toSorted(), both)
    }
  })

  const told = (code: string): Promise<string> => {
    const head = `import { begin, giveUp, once, proceed, undo, type Done, type Work } from 'amigos:steps'
      const done = new Map<string, Done<number>>(), work: Work = begin('x', [])
      const ask = async (id: string, n: number): Promise<number> => id.length + n
      const back = async (id: string): Promise<void> => {}\n`
    return inFolder({ 'amigo.yaml': MANIFEST, 'main.ts': head + code }, async (dir) => {
      try {
        await build(dir)
        return ''
      } catch (error) {
        return (error as Error).message
      }
    })
  }
  it('take what fits', async () => {
    assert.equal(
      await told(`export function a(id: string): number { return once(done, id, () => 1) }
        export async function b(id: string): Promise<number> { return once(done, id, async () => 1) }
        export function c(id: string): void { undo(done, id, (n) => n.toFixed()) }
        export async function d(id: string): Promise<void> { await undo(done, id, async (n) => n.toFixed()) }
        export function e(): Promise<string> { return proceed(work, { a: { ask, undo: back } }) }
        export function f(): void { giveUp(work); begin('y', [['a', 1], ['b']]) }`),
      '',
    )
  })
  for (const [what, code] of Object.entries({
    'another answer than is kept': `export const a = (id: string): unknown => once(done, id, () => 'text')`,
    'another promise than is kept': `export const a = (id: string): unknown => once(done, id, async () => 'text')`,
    'a kind that cannot be undone': 'export const a = (): unknown => proceed(work, { a: { ask } })',
    'a function that takes no ID':
      'export const a = (): unknown => proceed(work, { a: { ask, undo: async (n: number) => n } })',
    'a step without a kind': `export const a = (): unknown => begin('y', [[]])`,
  }))
    it(`refuse ${what}`, async () => assert.match(await told(code), /TS\d+/))
})
