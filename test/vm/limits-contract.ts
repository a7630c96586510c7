import type { Asked } from './vectors.ts'

/** Everything that ends a call otherwise than well, and what could differ between hosts. */
export const LIMITS_CONTRACT = `
  let n = 0
  const kept = []
  export const init = () => { n = 1 }
  export const read = () => n
  export const add = by => n += by
  export const spin = () => { n = -1; for (;;); }
  export const dive = depth => depth === 0 ? n++ : dive(depth - 1) + 1
  export const flood = () => { n = -1; for (;;) kept.push(new Uint8Array(1e6).fill(n)) }
  export const digits = power => String(10n ** BigInt(power)).length
  export const backtrack = length => /^(a+)+$/.test('a'.repeat(length) + 'b')
  export const never = () => new Promise(() => {})
  export const settles = async () => { n += await 2; return n }
  export const throwIt = what => { n = -1; throw what }
  export const catchIt = () => { try { dive(1e6) } catch (error) { return error.name + ': ' + error.message } }
  export const long = length => 'x'.repeat(length)
  export const symbol = () => Symbol('s')
  export const keep = size => { kept.push(new Uint8Array(size).fill(7)); return kept.length }
  export const clock = () => [Date.now(), new Date().toString(), new Date(2020, 5, 1).getTimezoneOffset()]
  export const chance = () => [Math.random(), Math.random(), Math.random()]
  export const floats = x => [Math.sin(x), Math.exp(x), Math.pow(x, 0.3), Math.tanh(x), Math.cbrt(x), x / 0, 0 / 0, -0]
  export const nans = () => { const f = new Float64Array([NaN, -NaN, 0 / 0]); return [...new Uint8Array(f.buffer)] }
  export const order = () => Object.keys({ b: 1, 2: 1, a: 1, 1: 1 }).concat([...new Set('hash order')])
  export const locale = () => [(1234.5).toLocaleString(), ['ä', 'z', 'a'].sort((a, b) => a.localeCompare(b)).join(), 'I'.toLocaleLowerCase()]
`

export function limitsSteps(): Asked[] {
  const step = (method: string, args: unknown[] = [], gasLimit = 300_000_000, how: Asked['how'] = 'call'): Asked => ({
    how,
    method,
    args: JSON.stringify(args),
    gasLimit: String(gasLimit),
  })
  return [
    step('read', [], 1_000_000, 'query'),
    step('add', [2]),
    step('spin', [], 20_000_000),
    step('read', [], 1_000_000, 'query'),
    step('dive', [400]),
    step('dive', [100_000]),
    step('catchIt'),
    step('flood', [], 2_000_000_000),
    step('add', [1]),
    step('digits', [3000]),
    step('digits', [200_000], 50_000_000),
    step('backtrack', [12]),
    step('backtrack', [40], 50_000_000),
    step('never'),
    step('settles'),
    ...[null, 'text', 7, { a: 1 }, ['list']].map((what) => step('throwIt', [what])),
    step('long', [1000]),
    step('long', [70_000]),
    step('symbol'),
    step('keep', [10_000]),
    step('keep', [1_000_000]),
    step('keep', [1_000_000], 10_000_000),
    step('keep', [50_000], 300_000_000, 'query'),
    step('clock'),
    step('chance'),
    step('chance', [], 1_000_000, 'query'),
    step('floats', [0.7]),
    step('nans'),
    step('order'),
    step('locale'),
    step('init'),
    step('absent'),
    step('add', [5]),
    step('read', [], 1_000_000, 'query'),
  ]
}
