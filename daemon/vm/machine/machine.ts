import { isUtf8 } from 'node:buffer'
import { BLOAT_WASM_PAGES, DELTA_BYTES_MAX, GROUP_MS, GUEST_HEAP_BYTES, HASH, LINE, PAGE } from '../constants.ts'
import { VmError } from '../errors.ts'
import { checkImage } from '../image.ts'
import { createMerkleTree, leavesOf, type MerkleTree, type Registers } from '../merkle.ts'
import { CHANGED_LINE_GAS } from '../prices.ts'
import type { CallRequest, Effects, GenesisOptions, GroupEffects, Image, Origin, Outcome } from '../types.ts'
import { failure } from './answers.ts'
import { isClean, missedLines } from './audit.ts'
import { changedPages } from './changed-pages.ts'
import type { Answer, Engine, Guest, GuestCall } from './guest.ts'
import { type Ended, type Ends, failed, type MeteredRun, outOfGas, runMetered, type Trap } from './metered-run.ts'
import { TrackedMemory } from './tracked-memory.ts'

/**
 * What is done after a call that must leave no trace. A stop comes where every write before is marked; the whole memory is written again
 * all the same, but where a call was ended for its caller's sake: that must cost others no time. After any other trap nothing of the instance is relied on. Nor is an instance kept that
 * grew a lot, because its pages would stay with the process.
 */
const TAKE_BACK: Readonly<Record<Trap, 'putBack' | 'putAllBack' | 'replace'>> = {
  none: 'putBack',
  stopped: 'putAllBack',
  ended: 'putBack',
  other: 'replace',
}

export interface MachineOptions {
  /** for tests: compares the whole memory around each call. @default false */
  audit?: boolean
  /** how long a group of calls may take before it ends with the call that runs, in milliseconds. @default GROUP_MS */
  groupMs?: number
}

/** One service: a warm instance of the engine, its accepted state, and the Merkle tree over it. Calls run one at a time. */
export class Machine {
  readonly #engine: Engine
  readonly #audit: boolean
  readonly #groupMs: number
  #guest: Guest
  #memory: TrackedMemory
  readonly #tree: MerkleTree

  private constructor(engine: Engine, guest: Guest, memory: TrackedMemory, tree: MerkleTree, options: MachineOptions) {
    this.#engine = engine
    this.#guest = guest
    this.#memory = memory
    this.#tree = tree
    this.#audit = options.audit ?? false
    this.#groupMs = options.groupMs ?? GROUP_MS
  }

  /** Loads a contract into a fresh engine. There is a machine when, and only when, outcome.ok. */
  static genesis(
    engine: Engine,
    module: Uint8Array,
    init: CallRequest,
    { heapBytes = GUEST_HEAP_BYTES, ends, ...options }: MachineOptions & GenesisOptions & { ends?: Ends } = {},
  ): { outcome: Outcome; machine?: Machine } {
    const guest = engine.createGuest()
    guest.boot({ heapBytes })
    const load = (call: GuestCall): Answer =>
      isUtf8(module) ? guest.load(module, call) : failure('CONTRACT_THREW', 'The contract is not UTF-8 text.')
    const { outcome } = runMetered(guest, init, load, ends)
    if (!outcome.ok) return { outcome }
    const memory = TrackedMemory.adopt(guest.instance)
    const tree = createMerkleTree(leavesOf(memory.accepted()))
    return { outcome, machine: new Machine(engine, guest, memory, tree, options) }
  }

  /**
   * Continues from an image, which is copied.
   *
   * @throws VmError BAD_IMAGE if it is malformed or has not the given root
   */
  static open(engine: Engine, { image, root, leaves }: Origin, options: MachineOptions = {}): Machine {
    checkImage(image)
    const tree = createMerkleTree(leaves ?? leavesOf(image.memory))
    if (tree.leaves().length !== (image.memory.length / PAGE) * HASH || Buffer.compare(tree.root(image), root) !== 0) {
      throw new VmError('BAD_IMAGE', 'The state of the service has not the root that was given.', 'Fetch it again.')
    }
    const guest = engine.createGuest(image.anchors)
    if (image.globals.length !== guest.instance.globals.length) {
      throw new VmError('BAD_IMAGE', 'The state of the service is not of this engine.', 'Use the engine it names.')
    }
    const memory = TrackedMemory.restore(guest.instance, image.memory, image)
    return new Machine(engine, guest, memory, tree, options)
  }

  /** Runs and accepts. A call that failed left no trace. */
  call(request: CallRequest): Effects {
    const { outcomes, change } = this.calls([request])
    return { outcome: outcomes[0]!, ...(change && { change }) }
  }

  /**
   * Runs calls in order, each accepted or put back by itself, until all are done, or the group has taken long or changed much: the
   * first always begins. There is one delta and one root for all that succeeded.
   *
   * @param ends by the place of a call in the group
   */
  calls(requests: readonly CallRequest[], ends?: (call: number) => Ended | undefined): GroupEffects {
    const start = performance.now()
    const outcomes: Outcome[] = []
    let accepted = false
    for (const [i, request] of requests.entries()) {
      const outcome = this.#attempt(request, ends && (() => ends(i)))
      if (!outcome) break
      outcomes.push(outcome)
      accepted ||= outcome.ok
      if (performance.now() - start >= this.#groupMs) break
    }
    if (!accepted) return { outcomes }
    const delta = this.#memory.commit()
    this.#tree.update(this.#memory.accepted(), changedPages(delta.lines))
    return { outcomes, change: { delta, root: this.root() } }
  }

  /** Runs and puts back. */
  query(request: CallRequest, ends?: Ends): Outcome {
    const { outcome, trap } = this.#run(request, ends)
    this.#takeBack(trap)
    return outcome
  }

  /** The logical state at a path, see Vm.state. Runs and puts back. */
  state(request: CallRequest, ends?: Ends): Outcome {
    const show = (call: GuestCall): Answer => this.#guest.state(call)
    const { outcome, trap } = this.#verifyMarks(runMetered(this.#guest, request, show, ends))
    this.#takeBack(trap)
    return outcome
  }

  /**
   * Begins a stream, or gives its next item (Vm.stream, Vm.next), and stays where that leaves it: neither root() nor a commit is of this machine
   * any more. A step that failed left no trace.
   */
  step(how: 'open' | 'next', request: CallRequest, ends?: Ends): Outcome {
    const run = (call: GuestCall): Answer => this.#guest[how](call)
    const { outcome, trap } = this.#verifyMarks(runMetered(this.#guest, request, run, ends))
    const strayed = outcome.ok && this.#memory.changedLines() === undefined
    if (!outcome.ok || strayed) {
      this.#takeBack(strayed ? 'other' : trap)
      return outcome.ok ? failed(failure('VM_CRASHED'), outcome.gas, outcome.logs) : outcome
    }
    this.#memory.accept()
    this.#memory.forget()
    this.#verifyClean()
    return outcome
  }

  root(): Uint8Array {
    return this.#tree.root(this.#registers())
  }

  /** Size of the accepted memory, in pages of 64 KiB. */
  get pages(): number {
    return this.#memory.registers().pages
  }

  /** A copy of the accepted state. */
  image(): Image {
    const { pages, globals } = this.#memory.registers()
    return { memory: this.#memory.accepted().slice(), pages, globals: [...globals], anchors: [...this.#guest.anchors] }
  }

  /** One call of a group. Undefined, and without a trace: it fits into no commit together with those before it. */
  #attempt(request: CallRequest, ends?: Ends): Outcome | undefined {
    const { outcome, trap } = this.#run(request, ends)
    if (!outcome.ok) {
      this.#takeBack(trap)
      return outcome
    }
    const lines = this.#memory.changedLines()
    if (lines === undefined) {
      this.#takeBack('other')
      return failed(failure('VM_CRASHED'), outcome.gas, outcome.logs)
    }
    const gas = outcome.gas + CHANGED_LINE_GAS * BigInt(lines)
    const { limits } = request
    const tooLarge = lines * LINE > Math.min(limits.deltaBytes ?? DELTA_BYTES_MAX, DELTA_BYTES_MAX)
    if (tooLarge || gas > limits.gas) {
      this.#takeBack('none')
      return tooLarge
        ? failed(failure('CHANGE_TOO_LARGE'), outcome.gas, outcome.logs)
        : outOfGas(limits.gas, outcome.logs)
    }
    if ((lines + this.#memory.collected) * LINE > DELTA_BYTES_MAX) {
      this.#takeBack('none')
      return undefined
    }
    this.#memory.accept()
    this.#verifyClean()
    return { ...outcome, gas }
  }

  #run(request: CallRequest, ends?: Ends): MeteredRun {
    return this.#verifyMarks(runMetered(this.#guest, request, (call) => this.#guest.invoke(call), ends))
  }

  #takeBack(trap: Trap): void {
    const how = this.#memory.growth() >= BLOAT_WASM_PAGES ? 'replace' : TAKE_BACK[trap]
    if (how === 'replace') {
      this.#guest = this.#engine.createGuest(this.#guest.anchors)
      this.#memory = this.#memory.moveTo(this.#guest.instance)
    } else {
      this.#memory[how]()
    }
    this.#verifyClean()
  }

  #registers(): Registers {
    return { ...this.#memory.registers(), anchors: this.#guest.anchors }
  }

  #verifyMarks(run: MeteredRun): MeteredRun {
    const verifies = this.#audit && run.trap !== 'other'
    if (verifies && missedLines(this.#guest.instance, this.#memory).length > 0)
      throw new Error('a write was not marked')
    return run
  }

  #verifyClean(): void {
    if (this.#audit && !isClean(this.#guest.instance, this.#memory))
      throw new Error('the memory is not as last accepted')
  }
}
