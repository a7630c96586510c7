import { LINE } from '../constants.ts'
import { askedByEngine } from './asked-by-engine.ts'

/** A function that the engine exports: numbers in, a number out. */
export type EngineFunction = (...args: number[]) => number
/** The functions that an engine imports, by module and name. */
export type EngineImports = Record<string, Record<string, (...args: never[]) => unknown>>

/** An instance of an instrumented engine; nothing here knows the language inside. */
export interface Instance {
  exports: Readonly<Record<string, EngineFunction>>
  /** the whole memory at its maximum, live or not; valid for the life of the instance */
  memory: Uint8Array
  view: DataView
  /** one byte per line of the memory, and one behind: not 0 if it may have been written */
  marks: Uint8Array
  /** the gas that is left; below 0 the next function entry or loop head traps */
  gas: WebAssembly.Global
  /** while less gas than this is left, the engine calls `onPause` now and then */
  pause: WebAssembly.Global
  /** What it throws ends what runs, between two instructions. @default goes on */
  onPause: () => void
  /** live size of the memory, in pages of 64 KiB */
  pages: WebAssembly.Global
  /** the C stack grows from here down to address 0: below it nothing is alive between two calls */
  stackPointer: WebAssembly.Global
  /** the mutable globals in the order of their export, the stack pointer among them */
  globals: readonly WebAssembly.Global[]
}

/** An instance of the instrumented engine, with views of its memory. They stay valid: its memory does not move. */
/** What an engine is told that nobody wants to end. */
export const goOn = (): void => {}

export function instantiate(module: WebAssembly.Module, imports: EngineImports): Instance {
  const { exports } = new WebAssembly.Instance(module, imports)
  const memory = (exports['memory'] as WebAssembly.Memory).buffer
  const added = /^global\d+$/
  const stackPointer = exports['__stack_pointer'] as WebAssembly.Global
  const instance: Instance = {
    exports: exports as unknown as Record<string, EngineFunction>,
    memory: new Uint8Array(memory),
    view: new DataView(memory),
    marks: new Uint8Array((exports['marks'] as WebAssembly.Memory).buffer),
    gas: exports['gas'] as WebAssembly.Global,
    pause: exports['pause'] as WebAssembly.Global,
    onPause: goOn,
    pages: exports['pages'] as WebAssembly.Global,
    stackPointer,
    globals: [
      stackPointer,
      ...Object.keys(exports).flatMap((name) => (added.test(name) ? [exports[name] as WebAssembly.Global] : [])),
    ],
  }
  const paused = exports['paused'] as WebAssembly.Table
  paused.set(
    0,
    askedByEngine(() => instance.onPause()),
  )
  return instance
}

/** What the host writes into the memory must be marked by the host. */
export function mark({ marks }: Instance, address: number, length: number): void {
  if (length > 0) marks.fill(1, Math.floor(address / LINE), Math.floor((address + length - 1) / LINE) + 1)
}

/** What the host does for a contract in the middle of a call is paid for at once; too little left ends the call at its next step. */
export function charge({ gas }: Instance, units: bigint): void {
  gas.value = (gas.value as bigint) - units
}
