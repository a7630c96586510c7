import { LINE, MAX_WASM_PAGES, WASM_PAGE } from '../constants.ts'
import type { Delta } from '../types.ts'
import type { Instance } from './instance.ts'
import { type LineFunctions, lineFunctions, SHADOW_START } from './line-functions.ts'

const LINES_PER_WASM_PAGE = WASM_PAGE / LINE
/** what the engine writes where it marks (instrument/marks.ts) */
const MARK = 1
const SHADOW_START_PAGES = SHADOW_START / WASM_PAGE

/** The part of the state outside the memory, as last accepted. */
export interface SavedRegisters {
  pages: number
  globals: number[]
}

/**
 * Knows what of an instance's memory was written since it was last accepted, and can take it back. It keeps a copy of the
 * accepted state, the shadow; accepting and putting back cost what was marked, not what is live. What was accepted since the
 * last commit is collected for the next one.
 */
export class TrackedMemory {
  readonly #instance: Instance
  readonly #lines: LineFunctions
  readonly #markBytes: Buffer
  /** the list of the line functions, then the shadow: at least as large as the live memory once was, zero behind what is accepted */
  readonly #memory: WebAssembly.Memory
  #list: Uint32Array
  #shadow: Uint8Array
  #saved: SavedRegisters
  /** lines accepted since the last commit */
  #collected: Set<number> = new Set()
  /** how many lines on the list are changed and neither accepted nor put back */
  #changed = 0

  private constructor(instance: Instance, memory: WebAssembly.Memory, saved: SavedRegisters) {
    this.#instance = instance
    this.#memory = memory
    this.#lines = lineFunctions(instance, memory)
    this.#markBytes = Buffer.from(instance.marks.buffer)
    this.#list = new Uint32Array(memory.buffer, 0, SHADOW_START / 4)
    this.#shadow = new Uint8Array(memory.buffer, SHADOW_START)
    this.#saved = saved
  }

  /** Takes what the instance holds now as its first accepted state. */
  static adopt(instance: Instance): TrackedMemory {
    const pages = instance.pages.value as number
    instance.memory.fill(0, 0, stackTop(instance))
    const globals = instance.globals.map((global) => global.value as number)
    return TrackedMemory.restore(instance, instance.memory.subarray(0, pages * WASM_PAGE), { pages, globals })
  }

  /** Puts an accepted state into an instance in which nothing has run, or that holds it already. */
  static restore(instance: Instance, memory: Uint8Array, saved: SavedRegisters): TrackedMemory {
    const shadow = new WebAssembly.Memory({
      initial: SHADOW_START_PAGES + saved.pages,
      maximum: SHADOW_START_PAGES + MAX_WASM_PAGES,
    })
    const tracked = new TrackedMemory(instance, shadow, saved)
    tracked.#shadow.set(memory)
    tracked.putAllBack()
    return tracked
  }

  /** The memory as last accepted. It is changed in place by accept(). */
  accepted(): Uint8Array {
    return this.#shadow.subarray(0, this.#saved.pages * WASM_PAGE)
  }

  registers(): SavedRegisters {
    return this.#saved
  }

  /** How many pages of 64 KiB the memory has grown since it was last accepted. */
  growth(): number {
    return (this.#instance.pages.value as number) - this.#saved.pages
  }

  /** The same accepted state, and what was collected, in a fresh instance. This object is not to be used afterwards. */
  moveTo(instance: Instance): TrackedMemory {
    const moved = new TrackedMemory(instance, this.#memory, this.#saved)
    moved.#collected = this.#collected
    moved.putAllBack()
    return moved
  }

  /**
   * How many lines differ from the accepted state; whether they were collected before makes no difference. Takes the marks away:
   * nothing may run before accept() or putBack(). Undefined if something was written behind the live memory, which only an image
   * that was made to harm does: there is nothing to accept then.
   */
  changedLines(): number | undefined {
    const { marked, strayed } = this.#listMarked()
    if (strayed) return undefined
    this.#clearDeadStack(marked)
    this.#changed = this.#lines.differing(marked)
    return this.#changed
  }

  /** Accepts what changedLines() found. */
  accept(): void {
    const { pages, globals } = this.#instance
    this.#saved = { pages: pages.value as number, globals: globals.map((global) => global.value as number) }
    this.#lines.accept(this.#changed)
    for (let i = 0; i < this.#changed; i++) this.#collected.add(this.#list[i]!)
    this.#changed = 0
  }

  /** There will be no commit of what was accepted. */
  forget(): void {
    this.#collected.clear()
  }

  /** How many lines the next commit holds. */
  get collected(): number {
    return this.#collected.size
  }

  /** What was accepted since the last commit. A line that was changed and changed back is among it. */
  commit(): Delta {
    const lines = Uint32Array.from(this.#collected).sort()
    this.#collected.clear()
    const bytes = new Uint8Array(lines.length * LINE)
    lines.forEach((line, i) => {
      bytes.set(this.#shadow.subarray(line * LINE, (line + 1) * LINE), i * LINE)
    })
    return { lines, bytes, pages: this.#saved.pages, globals: [...this.#saved.globals] }
  }

  /** Takes over what a commit changed elsewhere, on the same state. Memory and registers are as last accepted, and are so afterwards. */
  advance({ lines, bytes, pages, globals }: Delta): void {
    this.#saved = { pages, globals }
    this.#growShadow(pages)
    const { memory } = this.#instance
    for (let i = 0; i < lines.length; i++) {
      const line = bytes.subarray(i * LINE, (i + 1) * LINE)
      this.#shadow.set(line, lines[i]! * LINE)
      memory.set(line, lines[i]! * LINE)
    }
    this.#restoreRegisters()
  }

  /** As putBack(). False if something was written behind the live memory: then the instance is to be thrown away. */
  undo(): boolean {
    const live = this.#livePages() * LINES_PER_WASM_PAGE
    if (this.#hasStrayed(live)) return false
    this.#lines.restore(this.#listLive(live))
    this.#restoreRegisters()
    return true
  }

  /** Makes memory and registers what they were when last accepted. */
  putBack(): void {
    this.#lines.restore(this.#changed)
    this.#changed = 0
    this.#lines.restore(this.#listMarked().marked)
    this.#restoreRegisters()
  }

  /** Does what putBack() does for the whole memory, whatever the marks say. */
  putAllBack(): void {
    const { memory } = this.#instance
    // may grow the shadow, of which the accepted state is a view
    this.#listMarked()
    const accepted = this.accepted()
    memory.set(accepted)
    memory.fill(0, accepted.length, this.#livePages() * WASM_PAGE)
    this.#changed = 0
    this.#restoreRegisters()
  }

  #livePages(): number {
    return Math.min(this.#instance.pages.value as number, MAX_WASM_PAGES)
  }

  /**
   * Lists the marked lines that are live, and takes all marks away. Behind the live memory is one line that may be marked, for a store
   * at the end of the one before it; all there is made zero again.
   */
  #listMarked(): { marked: number; strayed: boolean } {
    const { memory, marks } = this.#instance
    const live = this.#livePages() * LINES_PER_WASM_PAGE
    const marked = this.#listLive(live)
    const strayed = this.#hasStrayed(live)
    if (strayed) {
      memory.fill(0, live * LINE)
      marks.fill(0, live)
    }
    return { marked, strayed }
  }

  /** The same, but for what was written further behind than that line. */
  #listLive(live: number): number {
    this.#growShadow(live / LINES_PER_WASM_PAGE)
    const marked = this.#lines.list(live)
    const behind = marked > 0 && this.#list[marked - 1] === live
    if (behind) this.#instance.memory.fill(0, live * LINE, (live + 1) * LINE)
    return behind ? marked - 1 : marked
  }

  #hasStrayed(live: number): boolean {
    return this.#markBytes.indexOf(MARK, live + 1) >= 0
  }

  #restoreRegisters(): void {
    this.#instance.pages.value = this.#saved.pages
    this.#instance.globals.forEach((global, i) => {
      global.value = this.#saved.globals[i]
    })
  }

  /** What a finished call left on the stack is no state: without this, equal states would have different roots. */
  #clearDeadStack(marked: number): void {
    const top = stackTop(this.#instance)
    const first = Math.floor(top / LINE)
    let dead = 0
    while (dead < marked && this.#list[dead]! < first) dead++
    this.#lines.clear(dead)
    if (dead < marked && this.#list[dead] === first) this.#instance.memory.fill(0, first * LINE, top)
  }

  #growShadow(pages: number): void {
    const missing = pages - this.#shadow.length / WASM_PAGE
    if (missing <= 0) return
    this.#memory.grow(missing)
    this.#list = new Uint32Array(this.#memory.buffer, 0, SHADOW_START / 4)
    this.#shadow = new Uint8Array(this.#memory.buffer, SHADOW_START)
  }
}

function stackTop({ stackPointer, memory }: Instance): number {
  return Math.min((stackPointer.value as number) >>> 0, memory.length)
}
