/** Small programs out of everything that moves control, for comparing an instrumented module with what it should have done. */
import fc from 'fast-check'
import { Writer } from '../../daemon/vm/instrument/writer.ts'
import { buildModule } from './module-builder.ts'

/** `at` and `from` are address locals, `depth` counts from the inside; every jump takes fuel, so that all programs end. */
export type Statement =
  | { kind: 'move'; at: number; from: number; by: number; tee: boolean }
  | { kind: 'store'; at: number; op: number; offset: number }
  | { kind: 'block' | 'loop'; body: Statement[] }
  | { kind: 'if'; bit: number; body: Statement[]; other: Statement[] }
  | { kind: 'jump'; depth: number; bit: number }
  | { kind: 'back'; depth: number }
  | { kind: 'leave'; bit: number }
  | { kind: 'call' }
  /** what stands behind a jump */
  | { kind: 'dead'; body: Statement[] }

/** i32.store, i32.store8, i32.store16, with their widths */
const STORES: Readonly<Record<number, number>> = { 54: 4, 58: 1, 59: 2 }
const OFFSETS = [0, 1, 3, 100, 252, 253, 254, 255, 256, 257, 300, 1000]
const ADDRESS_LOCALS = 3
/** parameters: the bits that conditions look at, fuel; then the address locals */
const [BITS, FUEL, FIRST_ADDRESS] = [0, 1, 2]
const FIRST_PLACES = [4096, 8400, 12_787]
const I32 = 0x7f
const EMPTY = 0x40

const local = fc.nat(ADDRESS_LOCALS - 1)
const bit = fc.nat(31)
const depth = fc.nat(4)
/** those of the leaves that change nothing of what comes next */
const ALWAYS = 4
const leaves: fc.Arbitrary<Statement>[] = [
  fc.record({
    kind: fc.constant('move' as const),
    at: local,
    from: local,
    by: fc.constantFrom(256, 0, 3, 100, 250, 300),
    tee: fc.boolean(),
  }),
  ...[0, 1, 2].map(() =>
    fc.record({
      kind: fc.constant('store' as const),
      at: local,
      op: fc.constantFrom(...Object.keys(STORES).map(Number)),
      offset: fc.constantFrom(...OFFSETS),
    }),
  ),
  fc.record({ kind: fc.constant('jump' as const), depth, bit }),
  fc.record({ kind: fc.constant('back' as const), depth }),
  fc.record({ kind: fc.constant('leave' as const), bit }),
  fc.record({ kind: fc.constant('call' as const) }),
]
export const program: fc.Arbitrary<Statement[]> = fc.letrec<{ body: Statement[]; statement: Statement }>((tie) => ({
  body: fc.array(tie('statement'), { minLength: 2, maxLength: 7, size: 'max', depthIdentifier: 'nested' }),
  statement: fc.oneof(
    { depthIdentifier: 'nested', depthSize: 'large', maxDepth: 4 },
    ...leaves.map((arbitrary, i) => ({ arbitrary, weight: i < ALWAYS ? 6 : 2 })),
    { arbitrary: fc.record({ kind: fc.constant('block' as const), body: tie('body') }), weight: 4 },
    {
      arbitrary: tie('body').map((body): Statement => ({ kind: 'loop', body: [...body, { kind: 'back', depth: 0 }] })),
      weight: 4,
    },
    {
      arbitrary: fc.record({ kind: fc.constant('if' as const), bit, body: tie('body'), other: tie('body') }),
      weight: 4,
    },
    { arbitrary: fc.record({ kind: fc.constant('dead' as const), body: tie('body') }), weight: 1 },
  ),
})).body

// ---- as WebAssembly ----

/** Exports run(bits, fuel). `inner` is what `call` statements run; in itself they do nothing. */
export function moduleOf(outer: readonly Statement[], inner: readonly Statement[]): Uint8Array {
  const locals = new Array<number>(ADDRESS_LOCALS).fill(I32)
  const compiled = (body: readonly Statement[], name?: string) => {
    const out = new Writer()
    for (const [i, place] of FIRST_PLACES.entries())
      out
        .byte(0x41)
        .signed(place)
        .byte(0x21, FIRST_ADDRESS + i)
    compile(out, body, 0, name !== undefined)
    return { ...(name && { name }), params: [I32, I32], results: [], locals, code: [...out.bytes()] }
  }
  return buildModule({ functions: [compiled(inner), compiled(outer, 'run')], pages: 1, globals: [65536] })
}

function compile(out: Writer, program: readonly Statement[], level: number, calls: boolean): void {
  const condition = (n: number): Writer => out.byte(0x20, BITS, 0x41).signed(n).byte(0x76, 0x41, 1, 0x71)
  const spend = (): Writer => out.byte(0x20, FUEL, 0x41, 1, 0x6b, 0x22, FUEL, 0x41, 0, 0x4a)
  const nested = (op: number, body: readonly Statement[], ...before: number[]): void => {
    out.byte(op, EMPTY, ...before)
    compile(out, body, level + 1, calls)
    out.byte(0x0b)
  }
  const emit: { [K in Statement['kind']]: (s: Statement & { kind: K }) => void } = {
    move({ at, from, by, tee }) {
      out.byte(0x20, FIRST_ADDRESS + from)
      if (by) out.byte(0x41).signed(by).byte(0x6a)
      if (tee) out.byte(0x22, FIRST_ADDRESS + at, 0x1a)
      else out.byte(0x21, FIRST_ADDRESS + at)
    },
    store: ({ at, op, offset }) => void out.byte(0x20, FIRST_ADDRESS + at, 0x41, 0x7f, op, 0).unsigned(offset),
    block: ({ body }) => nested(0x02, body),
    loop: ({ body }) => nested(0x03, body),
    if({ bit, body, other }) {
      condition(bit).byte(0x04, EMPTY)
      compile(out, body, level + 1, calls)
      out.byte(0x05)
      compile(out, other, level + 1, calls)
      out.byte(0x0b)
    },
    jump({ depth, bit }) {
      spend()
      condition(bit).byte(0x71, 0x0d, Math.min(depth, level))
    },
    back: ({ depth }) => void spend().byte(0x0d, Math.min(depth, level)),
    leave: ({ bit }) => void condition(bit).byte(0x04, EMPTY, 0x0f, 0x0b),
    call: () => calls && void out.byte(0x20, BITS, 0x20, FUEL, 0x10, 0),
    dead: ({ body }) => nested(0x02, body, 0x0c, 0),
  }
  for (const statement of program) (emit[statement.kind] as (s: Statement) => void)(statement)
}

// ---- as it should be ----

export interface Expected {
  gas: number
  /** addresses of the bytes that it writes */
  written: Set<number>
}

/** What a program does and costs, found out without WebAssembly: specs/vm.md, "Gas". */
export function interpret(
  outer: readonly Statement[],
  inner: readonly Statement[],
  bits: number,
  fuel: number,
): Expected {
  const written = new Set<number>()
  let gas = 0
  const isSet = (n: number): boolean => ((bits >>> n) & 1) === 1

  const call = (program: readonly Statement[], given: number, calls: boolean): void => {
    const addresses = [...FIRST_PLACES]
    let left = given
    const spend = (): boolean => --left > 0
    /** how far out a jump goes, if there was one; a return goes further than anything */
    const run = (body: readonly Statement[], level: number): number | undefined => {
      for (const statement of body) {
        const jump = step(statement, level)
        if (jump !== undefined) return jump
      }
      return undefined
    }
    const outOf = (jump: number | undefined): number | undefined => (jump ? jump - 1 : undefined)
    const step = (s: Statement, level: number): number | undefined => {
      if (s.kind === 'move') {
        gas += s.by ? 1 : 0
        addresses[s.at] = addresses[s.from]! + s.by
      } else if (s.kind === 'store') {
        gas += 1
        for (let i = 0; i < STORES[s.op]!; i++) written.add(addresses[s.at]! + s.offset + i)
      } else if (s.kind === 'block') return outOf(run(s.body, level + 1))
      else if (s.kind === 'loop') {
        for (;;) {
          gas += 1
          const jump = run(s.body, level + 1)
          if (jump !== 0) return outOf(jump)
        }
      } else if (s.kind === 'if') {
        gas += 3
        return outOf(run(isSet(s.bit) ? s.body : s.other, level + 1))
      } else if (s.kind === 'jump') {
        gas += 6
        const spent = spend()
        if (spent && isSet(s.bit)) return Math.min(s.depth, level)
      } else if (s.kind === 'back') {
        gas += 3
        if (spend()) return Math.min(s.depth, level)
      } else if (s.kind === 'leave') {
        gas += isSet(s.bit) ? 4 : 3
        if (isSet(s.bit)) return Number.POSITIVE_INFINITY
      } else if (s.kind === 'call') {
        if (!calls) return undefined
        gas += 1
        call(inner, left, false)
      } else gas += 1
      return undefined
    }
    gas += 1
    run(program, 0)
  }
  call(outer, fuel, true)
  return { gas, written }
}
