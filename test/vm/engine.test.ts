import { createCounterEngine } from './counter-engine.ts'
import { engineSuite } from './engine-suite.ts'
import { bytes, loadTestEngine } from './kit.ts'

const COUNTER = `
  let n = 0
  const kept = []
  export const increment = (by = 1) => n += by
  export const read = () => n
  export const fail = () => { n = 9; throw new RangeError('no') }
  export const spin = () => { n = 9; for (;;); }
  export const keep = size => { kept.push(new Uint8Array(size).fill(7)); return size }
`

engineSuite({ name: 'QuickJS', engine: loadTestEngine, counter: bytes(COUNTER) })
engineSuite({ name: 'a counter made by hand', engine: async () => createCounterEngine(), counter: bytes('0') })
