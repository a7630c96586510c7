/** A contract that touches as much of the language as fits on a page, and a stream of calls to it. */
import { encodeValue } from './values.ts'

export const BROAD_CONTRACT = `
const accounts = new Map(), log = [], words = new Set(), closures = [], weak = new WeakMap()
let counter = 0, big = 1n, text = '', bytes = new Uint8Array(64), floats = new Float64Array(16), tree = null, chunks = []
class Account {
  #balance = 0
  constructor(name) { this.name = name; this.made = new Date() }
  add(n) { if (this.#balance + n < 0) throw new RangeError('insufficient'); this.#balance += n; return this }
  get balance() { return this.#balance }
}
class Saver extends Account { add(n) { super.add(n); this.last = n; return this } }
const account = name => {
  if (!accounts.has(name)) accounts.set(name, name.length % 2 ? new Account(name) : new Saver(name))
  return accounts.get(name)
}
function* range(n) { try { for (let i = 0; i < n; i++) yield i } finally { counter++ } }
const insert = (t, k) => t ? (k < t.k ? { ...t, l: insert(t.l, k) } : { ...t, r: insert(t.r, k) }) : { k, l: null, r: null }
export const increment = () => ++counter
export const mint = (name, n) => account(name).add(n).balance
export function transfer(from, to, n) { account(from).add(-n); account(to).add(n); return account(to).balance }
export function risky(from, to, n) {
  try { account(from).add(-n); account(to).add(n) } catch (e) { log.push(e.message); return 'caught' } finally { counter++ }
}
export function push(n) { for (let i = 0; i < n; i++) log.push({ i, s: 'entry ' + i }); return log.length }
export function trim(n) { log.splice(n); log.shift(); return log.length }
export const sort = seed => Array.from({ length: 100 }, (_, i) => (i * seed) % 211).sort((x, y) => x - y)[50]
export function strings(s) {
  text = (text + s.toUpperCase().padEnd(20, '*')).slice(-2000)
  words.add(text.slice(-8))
  return [text.length, text.normalize('NFC').localeCompare('B'), [...(s + '\\u{1F600}é')].length]
}
export const json = () => JSON.parse(JSON.stringify([...accounts.values()].slice(0, 20))).length
export const regex = s => [(s + text).match(/(?<a>[a-z]+)\\s*(\\d+)?/giu)?.length ?? 0, s.replace(/(\\w)(\\w)/g, '$2$1')]
export function bigint(n) { big = (big * BigInt(n) + 7n) % (10n ** 100n); return big }
export function date(ms) { const d = new Date(ms); d.setMonth(d.getMonth() + 1); return [d, d.toString(), Date.now()] }
export function closure(n) { let hidden = n; closures.push(() => hidden++); return closures.reduce((s, f) => s + f(), 0) }
export function generator(n) { let s = 0; for (const i of range(n)) { s += i; if (i === 50) break } return s }
export async function later(n) { let s = 0; for (let i = 0; i < n; i++) s += await i; counter += s; return s }
export async function fails(n) { await null; if (n % 2) throw new TypeError('odd'); return 'even' }
export async function iterate(n) {
  async function* g() { for (let i = 0; i < n; i++) yield i }
  let s = 0
  for await (const i of g()) s += i
  return s
}
export function typed(n) {
  bytes[n % 64] = n
  floats[n % 16] = Math.sin(n) / (n % 3)
  const c = new Uint8Array(bytes.length + 3)
  c.set(bytes, 3)
  bytes = c.slice(0, 64)
  new DataView(bytes.buffer).setFloat32(1, n / 7)
  bytes.copyWithin(8, 0, 9)
  return bytes
}
export const nan = () => { floats.set([NaN, 0 / 0, -Math.sqrt(-1), Infinity - Infinity, -0]); return [...floats.slice(0, 5)] }
export function grow(k) { tree = insert(tree, k % 97); return tree.k }
export const proxy = n => Reflect.get(new Proxy({}, { get: (t, k) => k + n }), 'x') + Symbol.for('s' + n).toString()
export function symbols(n) { const o = { [Symbol('a')]: n, get x() { return n } }; weak.set(o, n); Object.freeze(o); return weak.get(o) }
export function fill(n) { chunks.push(new Uint8Array(n * 1000).fill(n)); if (chunks.length > 12) chunks = chunks.slice(8); return chunks.length }
export const numbers = n => [n / 3, n ** 0.3, (n * 1e21).toString(), (n / 7).toFixed(5), Math.random(), Math.hypot(n, 3), Math.fround(n / 3)]
export const evals = n => new Function('a', 'return a * ' + n)(2)
export function throws(n) { counter += n; if (n % 3 === 0) throw new Error('no ' + n); if (n % 3 === 1) throw { n }; null.x }
export const total = () => { let s = 0; for (const a of accounts.values()) s += a.balance; return s }
export const echo = value => value
export function clear() { chunks = []; closures.length = 0; log.length = 0; return counter }
`

/** A deterministic stream of calls. */
export function* operations(count: number, seed: number): Generator<{ method: string; args: string }> {
  let state = seed
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const name = () => `u${random(40)}`
  const word = () =>
    Array.from({ length: random(12) }, () => String.fromCharCode(97 + random(26))).join('') + random(99)
  const value = () =>
    new Map<unknown, unknown>([[word(), { when: new Date(random(1e9)), list: [random(9), 1n, -0, word()] }]])
  const makers: Record<string, () => unknown[]> = {
    increment: () => [],
    mint: () => [name(), random(1000)],
    transfer: () => [name(), name(), random(50)],
    risky: () => [name(), name(), random(50)],
    push: () => [random(40)],
    trim: () => [random(300)],
    sort: () => [random(200)],
    strings: () => [word()],
    json: () => [],
    regex: () => [word()],
    bigint: () => [random(1e9)],
    date: () => [random(2e9) * 1000],
    closure: () => [random(9)],
    generator: () => [random(80)],
    later: () => [random(9)],
    fails: () => [random(9)],
    iterate: () => [random(9)],
    typed: () => [random(1000)],
    nan: () => [],
    grow: () => [random(1000)],
    proxy: () => [random(99)],
    symbols: () => [random(9)],
    fill: () => [random(400)],
    numbers: () => [random(1e6)],
    evals: () => [random(99)],
    throws: () => [random(99)],
    total: () => [],
    echo: () => [value()],
    clear: () => [],
    missing: () => [],
  }
  const methods = Object.keys(makers)
  for (let i = 0; i < count; i++) {
    const method = methods[i < methods.length ? i : random(methods.length)]!
    yield { method, args: encodeValue(makers[method]!()) }
  }
}
