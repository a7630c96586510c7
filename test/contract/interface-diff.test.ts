import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { decodeContract } from '../../daemon/contract/decode.ts'
import { interfaceDiff } from '../../daemon/contract/interface-diff.ts'
import type { Interface } from '../../daemon/contract/types.ts'
import { fetched } from './importing.ts'

const of = async (source: string): Promise<Interface> => {
  const { contract, root } = await fetched({ name: 'alice.amigos.net/forum', mode: 'live' }, { 'main.ts': source })
  return (await decodeContract(CID.parse(contract), async () => root)).interface
}
const diff = async (before: string, after: string): Promise<string[]> =>
  interfaceDiff(await of(before), await of(after))

describe('what is different between two interfaces', () => {
  it('is what is gone, changed and new, in the words of the author', async () => {
    const before =
      'export function a(n: number): number { return n }\nexport function b(): void {}\nexport function same(): void {}'
    const after =
      '/** @query */\nexport function c(...n: string[]): string { return "" }\nexport function same(): void {}\nexport function a(n?: number): string { return "" }'
    assert.deepEqual(await diff(before, after), [
      '- call b(): void',
      '+ query c(...n: string[]): string',
      '- call a(n: number): number',
      '+ call a(n?: number): string',
    ])
  })

  it('says what a name stands for, where that is what changed', async () => {
    const source = (fields: string) =>
      `export interface Post { ${fields} }\nexport function get(): Post { return null as any }`
    assert.deepEqual(await diff(source('id: number'), source('id: string; at: Date')), [
      '- call get(): { id: number }',
      '+ call get(): { id: string; at: Date }',
    ])
  })

  it('is nothing where only words differ', async () => {
    assert.deepEqual(
      await diff('type N = number\nexport function a(n: N): void {}', 'export function a(n: number): void {}'),
      [],
    )
  })
})
