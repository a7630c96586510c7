/** The part of the WebAssembly binary format that the instrumenter knows (core specification 2.0, chapter 5). */

export const ValueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const
export type ValueType = (typeof ValueType)[keyof typeof ValueType]
export type FloatType = typeof ValueType.f32 | typeof ValueType.f64

export const Section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
} as const
export const ExternKind = { function: 0, table: 1, memory: 2, global: 3 } as const
export const FUNCTION_TYPE = 0x60
export const FUNCTION_REFERENCE = 0x70
export const EMPTY_BLOCK = 0x40

export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  firstMemory: 0x28,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  lastMemory: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32GtU: 0x4b,
  i64LtS: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  f32Copysign: 0x98,
  f64Copysign: 0xa6,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  lastNumeric: 0xc4,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  prefixed: 0xfc,
} as const

/** Second bytes of the 0xfc family. */
export const Prefixed = { lastConversion: 7, memoryInit: 8, memoryCopy: 10, memoryFill: 11 } as const

const { i32, i64, f32, f64 } = ValueType

/** Each store: the type of the value it takes, and how many bytes it writes. */
export const STORES: ReadonlyMap<number, { type: ValueType; width: number }> = new Map([
  [0x36, { type: i32, width: 4 }],
  [0x37, { type: i64, width: 8 }],
  [0x38, { type: f32, width: 4 }],
  [0x39, { type: f64, width: 8 }],
  [0x3a, { type: i32, width: 1 }],
  [0x3b, { type: i32, width: 2 }],
  [0x3c, { type: i64, width: 1 }],
  [0x3d, { type: i64, width: 2 }],
  [0x3e, { type: i64, width: 4 }],
])

/** The instructions through which a program can see the bits of a NaN in their last operand. */
export const SHOWS_NAN: ReadonlyMap<number, FloatType> = new Map([
  [Op.f32Store, f32],
  [Op.i32ReinterpretF32, f32],
  [Op.f32Copysign, f32],
  [Op.f64Store, f64],
  [Op.i64ReinterpretF64, f64],
  [Op.f64Copysign, f64],
])

/** What stands behind an opcode. */
export type Immediate =
  | 'none'
  | 'index'
  | 'twoIndexes'
  | 'constant'
  | 'memory'
  | 'bytes4'
  | 'bytes8'
  | 'labels'
  | 'types'
  | 'prefixed'

/** By opcode; a hole is an instruction that is not supported: SIMD, threads, exceptions, tail calls, GC, table.set. */
export const IMMEDIATES: readonly (Immediate | undefined)[] = immediates()

function immediates(): (Immediate | undefined)[] {
  const table = new Array<Immediate | undefined>(256)
  table.fill('index', Op.block, Op.else)
  for (const op of [Op.br, Op.brIf, Op.call, Op.refNull, Op.refFunc]) table[op] = 'index'
  for (const op of [Op.i32Const, Op.i64Const]) table[op] = 'constant'
  table.fill('index', Op.localGet, Op.tableGet + 1)
  table.fill('memory', Op.firstMemory, Op.lastMemory + 1)
  table.fill('index', Op.memorySize, Op.memoryGrow + 1)
  table.fill('none', Op.i32Eqz, Op.lastNumeric + 1)
  for (const op of [Op.unreachable, Op.nop, Op.else, Op.end, Op.return, Op.drop, Op.select, Op.refIsNull]) {
    table[op] = 'none'
  }
  table[Op.brTable] = 'labels'
  table[Op.callIndirect] = 'twoIndexes'
  table[Op.selectTyped] = 'types'
  table[Op.f32Const] = 'bytes4'
  table[Op.f64Const] = 'bytes8'
  table[Op.prefixed] = 'prefixed'
  return table
}

/** Instructions for which a compiler emits next to nothing cost no gas: structure, locals, constants. */
export function isFree(op: number): boolean {
  return (
    (op >= Op.nop && op <= Op.loop) ||
    op === Op.else ||
    op === Op.end ||
    op === Op.drop ||
    (op >= Op.localGet && op <= Op.localTee) ||
    (op >= Op.i32Const && op <= Op.f64Const)
  )
}
