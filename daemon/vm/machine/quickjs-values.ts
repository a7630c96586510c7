import { GuestMemory, GuestOutOfMemory, WORD } from './guest-memory.ts'
import type { Instance } from './instance.ts'

/** Address of a value on the engine's heap: whoever gets one frees it. */
export type Box = number

/** JS_EVAL_TYPE_MODULE */
const EVAL_MODULE = 1

/**
 * Values of QuickJS, over the exports of quickjs-wasi's C interface.
 *
 * Its own JavaScript is not used: it writes past the marks, and keeps handles that a warm and a restored instance would not
 * share.
 */
export class QuickJsValues extends GuestMemory {
  readonly #e: Instance['exports']
  /** where the length of a string is written, and up to two arguments are passed, and where a byte string stands; part of the anchors */
  scratch = 0

  constructor(instance: Instance) {
    super(instance)
    this.#e = instance.exports
  }

  undefinedValue(): Box {
    return this.#e['qjs_get_undefined']!()
  }

  newString(bytes: Uint8Array): Box {
    const address = this.writeZeroEnded(bytes)
    const box = this.#e['qjs_new_string']!(address, bytes.length)
    this.free(address)
    return this.#made(box)
  }

  /** A copy of a string's bytes; undefined if there are more than `maxBytes`. */
  readText(box: Box, maxBytes: number): Uint8Array | undefined {
    const address = this.#e['qjs_get_string_len']!(box, this.scratch) >>> 0
    if (address === 0) throw new GuestOutOfMemory()
    const length = this.word(this.scratch)
    const text = length <= maxBytes ? this.copy(address, length) : undefined
    this.#e['qjs_free_cstring']!(address)
    return text
  }

  isString(box: Box): boolean {
    return this.#e['qjs_is_string']!(box) !== 0
  }

  isPromise(box: Box): boolean {
    return this.#e['qjs_is_promise']!(box) !== 0
  }

  isException(box: Box): boolean {
    return this.#e['qjs_is_exception']!(box) !== 0
  }

  /** Where an object stands: no other has this address while a box holds it. */
  addressOf(box: Box): number {
    return this.#e['qjs_get_value_ptr']!(box) >>> 0
  }

  drop(...boxes: Box[]): void {
    for (const box of boxes) this.#e['qjs_free_value']!(box)
  }

  property(object: Box, name: string): Box {
    const address = this.writeText(name)
    const box = this.#e['qjs_get_prop_string']!(object, address)
    this.free(address)
    return this.#made(box)
  }

  /** Whether it is a proxy; runs nothing of the contract, like className(). */
  isProxy(box: Box): boolean {
    return this.#e['qjs_is_proxy']!(box) !== 0
  }

  /** A string: what the engine itself calls this kind of object, whatever its prototype says. */
  className(box: Box): Box {
    return this.#made(this.#e['qjs_get_class_name']!(box))
  }

  /** Collects garbage, and puts off the next time until the heap has half as much again. */
  collectGarbage(): void {
    this.#e['qjs_set_gc_threshold']!(0)
    this.drop(this.#made(this.#e['qjs_new_object']!()))
  }

  newBytes(bytes: Uint8Array): Box {
    const address = this.writeZeroEnded(bytes)
    const box = this.#e['qjs_new_uint8_array']!(address, bytes.length)
    this.free(address)
    return this.#made(box)
  }

  /** The bytes of a Uint8Array where they stand, to be read at once; none if it is something else. */
  bytesView(box: Box): Uint8Array {
    const [offsetAt, lengthAt, unitAt] = [this.scratch, this.scratch + WORD, this.scratch + 2 * WORD]
    const buffer = this.#allocated(this.#e['qjs_get_typed_array_buffer']!(box, offsetAt, lengthAt, unitAt))
    if (this.isException(buffer)) {
      this.drop(this.takeException(), buffer)
      return this.view(0, 0)
    }
    const [offset, length] = [this.word(offsetAt), this.word(lengthAt)]
    const address = this.#e['qjs_get_array_buffer']!(buffer, unitAt) >>> 0
    this.drop(buffer)
    return address === 0 ? this.view(0, 0) : this.view(address + offset, length)
  }

  hostFunction(name: string): Box {
    const address = this.writeText(name)
    const box = this.#e['qjs_new_host_function']!(address, Buffer.byteLength(name), 0)
    this.free(address)
    return this.#made(box)
  }

  // ---- running ----

  /** What the function returned, or a box that is an exception. */
  call(target: Box, self: Box, ...args: Box[]): Box {
    args.forEach((box, i) => {
      this.setWord(this.scratch + i * WORD, box)
    })
    return this.#allocated(this.#e['qjs_call']!(target, self, args.length, this.scratch))
  }

  /** The promise of a module's evaluation, or a box that is an exception. */
  evaluateModule(source: Uint8Array, name: string): Box {
    const sourceAt = this.writeZeroEnded(source)
    const nameAt = this.writeText(name)
    const box = this.#e['qjs_eval']!(sourceAt, source.length, nameAt, EVAL_MODULE)
    this.free(sourceAt)
    this.free(nameAt)
    return this.#allocated(box)
  }

  /** Runs what promises wait for until nothing is left, or until a job throws: what it threw, that nothing can catch. */
  runJobs(): Box | undefined {
    while (this.#e['qjs_is_job_pending']!()) {
      if (this.#e['qjs_execute_pending_job']!() < 0) return this.takeException()
    }
    return undefined
  }

  promiseState(promise: Box): 'pending' | 'fulfilled' | 'rejected' {
    return (['pending', 'fulfilled', 'rejected'] as const)[this.#e['qjs_promise_state']!(promise)] ?? 'pending'
  }

  promiseResult(promise: Box): Box {
    return this.#allocated(this.#e['qjs_promise_result']!(promise))
  }

  takeException(): Box {
    return this.#allocated(this.#e['qjs_get_exception']!())
  }

  throwError(error: Box): void {
    this.drop(this.#e['qjs_throw']!(error), error)
  }

  /** A box that must be a value: making it can fail for want of memory only. */
  #made(box: Box): Box {
    if (this.isException(this.#allocated(box))) throw new GuestOutOfMemory()
    return box
  }

  #allocated(box: Box): Box {
    if (box === 0) throw new GuestOutOfMemory()
    return box
  }
}
