/** Services that call each other in any order: each imports all of them, itself as well. */
import { importing } from './tree-kit.ts'
import type { Peer } from './tree-nodes.ts'

const STUB = `
let n = 0
export async function walk(path: string[]): Promise<string> { return 'end' }
/** @query */
export async function look(path: string[]): Promise<string> { return 'end' }
/** @query */
export function count(): number { return n }
`

/** `walk(['b', 'c-a', 'b'])` has b walk `c-a`, which is c and a at once (`c+a`: one after the other), each of which walks b. A `!` at its end catches nothing. */
const walker = (
  names: readonly string[],
): string => `${importing(Object.fromEntries(names.map((name) => [name, ['walk', 'look']])))}
type Walk = (path: string[]) => Promise<string>
const walks = { ${names.map((name) => `${name}: ${name}$walk`)} } as Record<string, Walk>
const looks = { ${names.map((name) => `${name}: ${name}$look`)} } as Record<string, Walk>
let n = 0
const told = async (asked: Promise<string>): Promise<string> => {
  try { return await asked } catch (error: any) { return error.name + ' ' + error.code + ' ' + error.message }
}
async function on(by: Record<string, Walk>, [next = '', ...rest]: string[]): Promise<string> {
  if (next === '') return 'end'
  const plus = next.indexOf('+')
  const [before, after] = [next.slice(0, plus), next.slice(plus + 1)]
  if (plus > 0) return (await on(by, [before, ...rest])) + ' and ' + (await on(by, [after, ...rest]))
  const all = next.replace('!', '').split('-').map((one) => by[one]!(rest))
  return (await Promise.all(next.endsWith('!') ? all : all.map(told))).join(' and ')
}
export async function walk(path: string[]): Promise<string> { n++; return on(walks, path) }
/** @query */
export async function look(path: string[]): Promise<string> { return on(looks, path) }
/** @query */
export function count(): number { return n }
`

/** Makes them: first what the others can pin, then what calls them. */
export async function serveWalkers(homes: Record<string, Peer>): Promise<Record<string, string>> {
  const names = Object.keys(homes).toSorted()
  const ids: Record<string, string> = {}
  for (const name of names) ids[name] = (await homes[name]!.serve(name, STUB)).toString()
  for (const name of names) await homes[name]!.serve(name, walker(names), names)
  return ids
}
