/** Makes WebAssembly modules out of functions written as bytes. */
import { Writer } from '../../daemon/vm/instrument/writer.ts'

export interface BuiltFunction {
  /** exported under it, if there is one */
  name?: string
  params: readonly number[]
  results: readonly number[]
  /** types of its further locals */
  locals?: readonly number[]
  code: readonly number[]
}

export interface BuiltModule {
  functions: readonly BuiltFunction[]
  /** size of the memory at the start, in pages of 64 KiB */
  pages: number
  /** i32 globals that change: their first values. The first is exported as `__stack_pointer` */
  globals: readonly number[]
  /** is the first global exported; @default true */
  exportsStackPointer?: boolean
}

const I32 = 0x7f
const END = 0x0b
const writer = (...bytes: number[]): Writer => new Writer().byte(...bytes)

export function buildModule({ functions, pages, globals, exportsStackPointer = true }: BuiltModule): Uint8Array {
  const out = writer(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const section = (id: number, items: readonly Writer[]): void => {
    const body = new Writer().unsigned(items.length)
    for (const item of items) body.raw(item.bytes())
    out.byte(id).sized(body.bytes())
  }
  section(
    1,
    functions.map((f) => writer(0x60, f.params.length, ...f.params, f.results.length, ...f.results)),
  )
  section(2, [])
  section(
    3,
    functions.map((_, i) => new Writer().unsigned(i)),
  )
  section(5, [writer(0).unsigned(pages)])
  section(
    6,
    globals.map((value) => writer(I32, 1, 0x41).signed(value).byte(END)),
  )
  section(7, [
    new Writer().text('memory').byte(2, 0),
    ...(exportsStackPointer ? [new Writer().text('__stack_pointer').byte(3, 0)] : []),
    ...functions.flatMap(({ name }, i) => (name ? [new Writer().text(name).byte(0).unsigned(i)] : [])),
  ])
  section(
    10,
    functions.map(({ locals = [], code }) => {
      const body = new Writer().unsigned(locals.length)
      for (const type of locals) body.byte(1, type)
      return new Writer().sized(body.raw(Uint8Array.from(code)).byte(END).bytes())
    }),
  )
  return out.bytes().slice()
}
