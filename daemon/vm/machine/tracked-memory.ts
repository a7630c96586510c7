import { LINE, LONG_GAP_LINES, LONG_RUN_LINES, MAX_WASM_PAGES, WASM_PAGE } from '../constants.ts'
import type { Delta } from '../types.ts'
import type { Instance } from './instance.ts'

const WORDS_PER_LINE = LINE / 4
/** marks that are looked at together, eight words of four */
const MARKS_AT_ONCE = 32
/** what the engine writes where it marks (instrument/rewrite-function.ts) */
const MARK = 1

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
  readonly #words: Int32Array
  readonly #markWords: Int32Array
  readonly #markBytes: Buffer
  /** lines accepted since the last commit */
  #collected: Set<number> = new Set()
  /** what changedLines() found: the lines, and the marked runs, begin and end of each */
  readonly #changed: number[] = []
  readonly #marked: number[] = []
  #shadow: Uint8Array
  #shadowWords: Int32Array
  #saved: SavedRegisters

  private constructor(instance: Instance, shadow: Uint8Array, saved: SavedRegisters) {
    this.#instance = instance
    this.#words = new Int32Array(instance.memory.buffer)
    this.#markWords = new Int32Array(instance.marks.buffer)
    this.#markBytes = Buffer.from(instance.marks.buffer)
    this.#shadow = shadow
    this.#shadowWords = new Int32Array(shadow.buffer, shadow.byteOffset, shadow.length / 4)
    this.#saved = saved
  }

  /** Takes what the instance holds now as its first accepted state. */
  static adopt(instance: Instance): TrackedMemory {
    const pages = instance.pages.value as number
    instance.memory.fill(0, 0, stackTop(instance))
    instance.marks.fill(0)
    const globals = instance.globals.map((global) => global.value as number)
    return new TrackedMemory(instance, instance.memory.slice(0, pages * WASM_PAGE), { pages, globals })
  }

  /** Puts an accepted state into a fresh instance. `memory` becomes the shadow: it must not be used by others afterwards. */
  static restore(instance: Instance, memory: Uint8Array, saved: SavedRegisters): TrackedMemory {
    const tracked = new TrackedMemory(instance, memory, saved)
    tracked.putAllBack()
    return tracked
  }

  /** The memory as last accepted. It is changed in place by commit(). */
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
    const moved = TrackedMemory.restore(instance, this.accepted(), this.#saved)
    moved.#collected = this.#collected
    return moved
  }

  /** How many lines differ from the accepted state; whether they were collected before makes no difference. */
  changedLines(): number {
    this.#clearDeadStack()
    this.#growShadow((this.#instance.pages.value as number) * WASM_PAGE)
    this.#marked.length = 0
    this.#changed.length = 0
    this.#eachMarkedRun(this.#liveLines(), (first, end) => {
      this.#marked.push(first, end)
      for (let line = first; line < end; line++) if (this.#differs(line)) this.#changed.push(line)
    })
    return this.#changed.length
  }

  /** Accepts what the memory holds now. Nothing may have run since changedLines(). */
  accept(): void {
    const { pages, globals } = this.#instance
    this.#saved = { pages: pages.value as number, globals: globals.map((global) => global.value as number) }
    for (const line of this.#changed) {
      this.#collected.add(line)
      copyLines(this.#words, this.#shadowWords, line, line + 1)
    }
    for (let i = 0; i < this.#marked.length; i += 2) this.#unmark(this.#marked[i]!, this.#marked[i + 1]!)
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

  /** Makes memory and registers what they were when last accepted. */
  putBack(): void {
    const { memory } = this.#instance
    const acceptedLines = (this.#saved.pages * WASM_PAGE) / LINE
    this.#eachMarkedRun(this.#liveLines(), (first, end) => {
      copyLines(this.#shadowWords, this.#words, first, Math.min(end, acceptedLines))
      if (end > acceptedLines) memory.fill(0, Math.max(first, acceptedLines) * LINE, end * LINE)
      this.#unmark(first, end)
    })
    this.#restoreRegisters()
  }

  /** Does what putBack() does for the whole memory, whatever the marks say. */
  putAllBack(): void {
    const { memory, marks } = this.#instance
    const accepted = this.accepted()
    memory.set(accepted)
    memory.fill(0, accepted.length, this.#liveLines() * LINE)
    marks.fill(0)
    this.#restoreRegisters()
  }

  #liveLines(): number {
    return Math.min(this.#instance.pages.value as number, MAX_WASM_PAGES) * (WASM_PAGE / LINE)
  }

  #restoreRegisters(): void {
    this.#instance.pages.value = this.#saved.pages
    this.#instance.globals.forEach((global, i) => {
      global.value = this.#saved.globals[i]
    })
  }

  /** What a finished call left on the stack is no state: without this, equal states would have different roots. */
  #clearDeadStack(): void {
    const top = stackTop(this.#instance)
    this.#eachMarkedRun(Math.floor(top / LINE) + 1, (first, end) => {
      this.#instance.memory.fill(0, first * LINE, Math.min(end * LINE, top))
    })
  }

  #growShadow(bytes: number): void {
    if (bytes <= this.#shadow.length) return
    const capacity = Math.min(Math.max(bytes, this.#shadow.length * 2), MAX_WASM_PAGES * WASM_PAGE)
    const larger = new Uint8Array(capacity)
    larger.set(this.#shadow)
    this.#shadow = larger
    this.#shadowWords = new Int32Array(larger.buffer)
  }

  #differs(line: number): boolean {
    const end = (line + 1) * WORDS_PER_LINE
    for (let i = line * WORDS_PER_LINE; i < end; i++) if (this.#words[i] !== this.#shadowWords[i]) return true
    return false
  }

  /** Calls `use` for every run of marked lines among the first `lines`. */
  #eachMarkedRun(lines: number, use: (first: number, end: number) => void): void {
    const { marks } = this.#instance
    let last = 0
    for (let line = 0; line < lines; ) {
      if (line - last >= LONG_GAP_LINES) {
        last = this.#markBytes.indexOf(MARK, line)
        if (last < 0) return
        line = last
      } else if (line % MARKS_AT_ONCE === 0 && this.#noMarksAt(line)) {
        line += MARKS_AT_ONCE
      } else if (!marks[line]) {
        line++
      } else {
        let end = line + 1
        while (end < lines && marks[end]) end++
        use(line, end)
        line = last = end
      }
    }
  }

  #noMarksAt(line: number): boolean {
    const w = this.#markWords
    const i = line / 4
    return (w[i]! | w[i + 1]! | w[i + 2]! | w[i + 3]! | w[i + 4]! | w[i + 5]! | w[i + 6]! | w[i + 7]!) === 0
  }

  /** A store at the end of a line marks the next one, too, and behind the last live line there is one as well. */
  #unmark(first: number, end: number): void {
    this.#instance.marks.fill(0, first, end + 1)
  }
}

function stackTop({ stackPointer, memory }: Instance): number {
  return Math.min((stackPointer.value as number) >>> 0, memory.length)
}

function copyLines(from: Int32Array, to: Int32Array, first: number, end: number): void {
  const [start, stop] = [first * WORDS_PER_LINE, end * WORDS_PER_LINE]
  if (end - first >= LONG_RUN_LINES) to.set(from.subarray(start, stop), start)
  else for (let i = start; i < stop; i++) to[i] = from[i]!
}
