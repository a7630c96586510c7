/** The contracts that specs/imports.md, "Making good", shows, as it shows them, and others like them. */
import { readFileSync } from 'node:fs'
import { importing } from './tree-kit.ts'

const page = readFileSync(new URL('../../specs/imports.md', import.meta.url), 'utf8')
const [stock, shop] = [...page.split('## Making good')[1]!.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)

export const STOCK: string = stock!
export const SHOP: string = shop!

export const TILL = `
import { once, undo, type Done } from 'amigos:steps'
const paid = new Map<string, number>()
const done = new Map<string, Done<[string, number]>>()
const add = (by: string, n: number): void => { paid.set(by, (paid.get(by) ?? 0) + n) }

export function charge(id: string, by: string, price: number): [string, number] {
  return once(done, id, () => {
    if (price > 90) throw new Error('that is too much')
    add(by, price)
    return [by, price]
  })
}
export function refund(id: string): void {
  undo(done, id, ([by, price]) => add(by, -price))
}
/** @query */
export function total(): number { return paid.values().reduce((sum, n) => sum + n, 0) }
`

/** Asks a third, in the name of whoever asks it. */
export const POST: string = `${importing({ van: ['load', 'unload'] })}
import { caller } from 'amigos:context'
import { once, undo, type Done } from 'amigos:steps'
let sent = 0
const done = new Map<string, Done<number>>()

export async function send(id: string): Promise<number> {
  return once(done, id, async () => {
    const place: number = await van$load(\`\${caller()}/\${id}\`)
    sent++
    return place
  })
}
export async function recall(id: string): Promise<void> {
  await van$unload(\`\${caller()}/\${id}\`)
  undo(done, id, () => { sent-- })
}
/** @query */
export function count(): number { return sent }
`
export const VAN = `
import { once, undo, type Done } from 'amigos:steps'
let loaded = 0
const done = new Map<string, Done<number>>()
export function load(id: string): number { return once(done, id, () => ++loaded) }
export function unload(id: string): void { undo(done, id, () => { loaded-- }) }
/** @query */
export function count(): number { return loaded }
`

const IMPORTS = /^import \{ (\w+), (\w+) \} from '\w+\.amigos\.net\/(\w+)@\^1'$/gm

/** The shop as the linker would leave it, with imports of another name; it sends what was paid, too. */
export function linkedShop(): { source: string; imports: string[] } {
  const imports = Object.fromEntries([...SHOP.matchAll(IMPORTS)].map(([, ask, undo, name]) => [name!, [ask!, undo!]]))
  const named = Object.entries(imports).map(
    ([name, [ask, undo]]) => `const ${ask} = ${name}$${ask}, ${undo} = ${name}$${undo}`,
  )
  const code = SHOP.replace(IMPORTS, '')
    .replace("['till', caller(), price]]", "['till', caller(), price], ['post']]")
    .replace('undo: refund }', 'undo: refund }, post: { ask: post$send, undo: post$recall }')
  const all = { ...imports, post: ['send', 'recall'] }
  const source = `${importing(all)}
${named.join('\n')}
${code}
export async function goOnInVain(id: string): Promise<void> { throw new Error(await goOn(id)) }
/** @query */
export function all(): Work[] { return [...orders.values()] }
`
  return { source, imports: Object.keys(all) }
}
