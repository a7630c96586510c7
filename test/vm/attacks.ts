/** Bodies of functions with which a contract tries to hang, exhaust or skew the machine; how each ends, and with how much gas. */
export const ATTACKS: Record<string, { body: string; ends: string; gas?: bigint }> = {
  'endless loop': { body: `while (true) {}`, ends: 'OUT_OF_GAS' },
  'array of a billion joined': { body: `return (new Array(1e9) + "").length`, ends: 'OUT_OF_GAS' },
  'huge bigint in decimal': { body: `return String(10n ** 200000n).length`, ends: 'OUT_OF_GAS' },
  'huge bigint product': { body: `let b = 3n ** 100000n; for (;;) b *= b`, ends: 'OUT_OF_GAS' },
  'JSON of a million': {
    body: `return JSON.stringify(Array.from({ length: 1e6 }, (_, i) => ({ i }))).length`,
    ends: 'OUT_OF_GAS',
  },
  'catastrophic regular expression': { body: `return /^(a+)+$/.test('a'.repeat(40) + 'b')`, ends: 'OUT_OF_GAS' },
  'runaway recursion': { body: `const f = n => f(n + 1) + 1; return f(0)`, ends: 'STACK_OVERFLOW' },
  'recursion through sort': { body: `const f = () => [2, 1].sort(f); return f()`, ends: 'STACK_OVERFLOW' },
  'recursion through a getter': { body: `const o = { get x() { return this.x } }; return o.x`, ends: 'STACK_OVERFLOW' },
  'recursion through toString': {
    body: `const o = { toString() { return '' + o } }; return '' + o`,
    ends: 'STACK_OVERFLOW',
  },
  'recursion through toJSON': {
    body: `const o = { toJSON() { return JSON.stringify(o) } }; return JSON.stringify(o)`,
    ends: 'STACK_OVERFLOW',
  },
  'recursion through replace': { body: `const f = () => 'a'.replace(/a/, f); return f()`, ends: 'STACK_OVERFLOW' },
  'recursion through eval': { body: `globalThis.f = () => eval('f()'); return f()`, ends: 'STACK_OVERFLOW' },
  'recursion through a proxy': {
    body: `const p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x`,
    ends: 'STACK_OVERFLOW',
  },
  'recursion caught and repeated': { body: `const f = () => { try { f() } catch { f() } }; f()`, ends: 'OUT_OF_GAS' },
  'JSON of a million, with the gas for it': {
    body: `return JSON.stringify(Array.from({ length: 1e6 }, (_, i) => ({ i }))).length`,
    ends: 'OUT_OF_MEMORY',
    gas: 3_000_000_000n,
  },
  'error in a microtask': { body: `queueMicrotask(() => { throw new RangeError('late') })`, ends: 'CONTRACT_THREW' },
  'deep parentheses': {
    body: `return eval('('.repeat(100000) + '1' + ')'.repeat(100000))`,
    ends: 'STACK_OVERFLOW',
  },
  'deep regular expression': {
    body: `return new RegExp('(?:'.repeat(50000) + ')'.repeat(50000)).test('')`,
    ends: 'STACK_OVERFLOW',
  },
  'deep JSON in': {
    body: `return JSON.parse('['.repeat(200000) + ']'.repeat(200000)).length`,
    ends: 'STACK_OVERFLOW',
  },
  'deep JSON out': {
    body: `let a = []; for (let i = 0; i < 200000; i++) a = [a]; return JSON.stringify(a).length`,
    ends: 'OUT_OF_GAS',
  },
  'deep free': {
    body: `let a = []; for (let i = 0; i < 300000; i++) a = [a]; a = null; return 1`,
    ends: '1',
    gas: 3_000_000_000n,
  },
  'flood of promises': { body: `const f = () => Promise.resolve().then(f); f(); return 1`, ends: 'OUT_OF_GAS' },
  'tree of promises': {
    body: `const f = async () => { await Promise.all([f(), f()]) }; return f()`,
    ends: 'OUT_OF_GAS',
  },
  'long string': { body: `return 'x'.repeat(5e7)`, ends: 'OUT_OF_MEMORY', gas: 3_000_000_000n },
  'doubling string': { body: `let s = 'x'; for (;;) s += s`, ends: 'CONTRACT_THREW' },
  'growing array': {
    body: `const a = []; for (;;) a.push(new Uint8Array(65536))`,
    ends: 'OUT_OF_MEMORY',
    gas: 500_000_000n,
  },
  'growing array of small things': {
    body: `const a = []; for (;;) a.push({})`,
    ends: 'OUT_OF_MEMORY',
    gas: 3_000_000_000n,
  },
  'out of memory, caught, again': {
    body: `const a = []; for (;;) try { for (;;) a.push(new Uint8Array(4096)) } catch {}`,
    ends: 'OUT_OF_GAS',
  },
  'sparse indexOf': { body: `const a = []; a[4e9] = 1; return a.indexOf(2)`, ends: 'OUT_OF_GAS' },
  'length of 2 ** 53': { body: `return Array.prototype.reverse.call({ length: 2 ** 53 - 1 })`, ends: 'OUT_OF_GAS' },
  'hostile comparator': {
    body: `const a = Array.from({ length: 1e4 }, (_, i) => i)
           for (;;) a.sort(() => { a.length = 0; a.push(1, 2, 3); return Math.random() - 0.5 })`,
    ends: 'OUT_OF_GAS',
  },
  'endless proxy keys': {
    body: `const p = new Proxy({}, { ownKeys: () => Array.from({ length: 1e6 }, (_, i) => 'k' + i) })
           for (;;) Object.keys(p)`,
    ends: 'OUT_OF_GAS',
  },
  'a million symbols': { body: `for (let i = 0; i < 1e6; i++) Symbol.for('s' + i)`, ends: 'OUT_OF_GAS' },
  'endless iterator': {
    body: `return [...{ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) }]`,
    ends: 'OUT_OF_GAS',
  },
  'endless fill': { body: `const a = new Uint8Array(3e7); for (;;) a.fill(1)`, ends: 'OUT_OF_GAS' },
  'endless copyWithin': { body: `const a = new Uint8Array(3e7); for (;;) a.copyWithin(1, 0)`, ends: 'OUT_OF_GAS' },
  'fill of 2 ** 32': {
    body: `return new Array(4294967295).fill(0).length`,
    ends: 'OUT_OF_MEMORY',
    gas: 3_000_000_000n,
  },
  padStart: { body: `return 'x'.padStart(2 ** 29)`, ends: 'OUT_OF_MEMORY' },
  normalize: { body: `const s = 'é'.repeat(1e5); for (;;) s.normalize('NFKD')`, ends: 'OUT_OF_GAS' },
  'errors caught for ever': { body: `for (;;) try { new Array(-1) } catch {}`, ends: 'OUT_OF_GAS' },
  'wide and deep result': {
    body: `let a = []; for (let i = 0; i < 60; i++) a = [a, a]; return a`,
    ends: 'OUT_OF_GAS',
  },
  'endless getter in the result': { body: `return { get a() { for (;;); } }`, ends: 'OUT_OF_GAS' },
  'endless proxy as result': {
    body: `return new Proxy([], { get: (t, k) => k === 'length' ? 2 ** 53 : 1 })`,
    ends: 'OUT_OF_GAS',
  },
  'throwing proxy as result': {
    body: `return new Proxy({}, { ownKeys() { throw new RangeError('no keys') } })`,
    ends: 'CONTRACT_THREW',
  },
  'large result': { body: `return 'x'.repeat(1e5)`, ends: 'RESULT_TOO_LARGE' },
  'error with a hostile message': {
    body: `const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e`,
    ends: 'OUT_OF_GAS',
  },
  'error with a throwing name': {
    body: `const e = new Error(); Object.defineProperty(e, 'name', { get() { throw e } }); throw e`,
    ends: 'CONTRACT_THREW',
  },
  'error of a megabyte': { body: `throw new Error('x'.repeat(1e6))`, ends: 'CONTRACT_THREW' },
  'thrown proxy': {
    body: `throw new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 } })`,
    ends: 'CONTRACT_THREW',
  },
  'thrown null': { body: `throw null`, ends: 'CONTRACT_THREW' },
  'rejection with a function': { body: `return Promise.reject(() => 1)`, ends: 'CONTRACT_THREW' },
  'import of the runtime': { body: `return import('amigos:runtime')`, ends: 'CONTRACT_THREW' },
  'import of the entry': { body: `return import('amigos:entry')`, ends: 'CONTRACT_THREW' },
  'import from evaluated code': { body: `return (0, eval)("import('amigos:boot')")`, ends: 'CONTRACT_THREW' },
  'import of a long name': { body: `return import('x'.repeat(1e6))`, ends: 'CONTRACT_THREW' },
  'import of itself': { body: `return import('contract.js')`, ends: 'CONTRACT_THREW' },
  'flood of logs': { body: `for (;;) console.log('x'.repeat(1e4))`, ends: 'OUT_OF_GAS' },
  'stack traces prepared by the contract': {
    body: `Error.prepareStackTrace = () => { for (;;); }; throw new Error('x')`,
    ends: 'OUT_OF_GAS',
  },
}

/** A contract that exports the attacks as a0, a1 and so on, and counts its good calls. */
export const HOSTILE_CONTRACT: string = [
  'let n = 0',
  'export const count = () => ++n',
  ...Object.values(ATTACKS).map(({ body }, i) => `export function a${i}() { n += 1000; ${body} }`),
].join('\n')
