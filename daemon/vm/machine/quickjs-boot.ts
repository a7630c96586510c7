import type { GuestProfile } from '../engine/guest-profile.ts'
import { VmError } from '../errors.ts'
import { WORD } from './guest-memory.ts'
import type { Instance } from './instance.ts'
import type { QuickJsValues } from './quickjs-values.ts'

/** The anchors of an image, in order: see specs/vm.md. Functions are those of the module amigos:boot. */
export const FUNCTIONS = [
  'prepare',
  'invoke',
  'initialise',
  'state',
  'answer',
  'open',
  'next',
  'failed',
  'failedToLoad',
  'refusedImport',
  'deliver',
  'unhandled',
] as const
const BOOT_MODULE = 'amigos:boot'
/** Words that the host keeps in the memory to pass numbers in both directions. */
const SCRATCH_WORDS = 4

/**
 * Starts QuickJS in fresh memory and evaluates the runtime. Returns the anchors: the scratch words, the value undefined, and
 * these functions of the runtime. They are made here, once, because what a host keeps for itself must be in every image.
 */
export function bootQuickJs(
  { exports: e }: Instance,
  values: QuickJsValues,
  profile: GuestProfile,
  sources: ReadonlyMap<string, Uint8Array>,
  hostFunctions: Iterable<string>,
): number[] {
  e['_initialize']!()
  if (e['qjs_init2']!(profile.intrinsics) !== 0) throw didNotStart()
  e['qjs_set_max_stack_size']!(profile.stackBytes)
  e['qjs_set_memory_limit']!(profile.heapBytes)
  e['qjs_set_module_loader']!(1)
  e['qjs_set_interrupt_handler']!(1)
  e['qjs_set_promise_rejection_handler']!(1)
  values.scratch = values.allocate(SCRATCH_WORDS * WORD)
  values.fillZero(values.scratch, SCRATCH_WORDS * WORD)
  const nothing = values.undefinedValue()

  const promise = values.evaluateModule(sources.get(BOOT_MODULE)!, BOOT_MODULE)
  if (values.isException(promise)) throw didNotStart()
  if (values.runJobs() || values.promiseState(promise) !== 'fulfilled') throw didNotStart()
  const namespace = values.promiseResult(promise)

  const connect = values.property(namespace, 'connect')
  for (const name of hostFunctions) {
    const given = [values.newString(Buffer.from(name)), values.hostFunction(name)]
    values.drop(values.call(connect, nothing, ...given), ...given)
  }
  values.drop(connect, promise)
  const anchors = [values.scratch, nothing, ...FUNCTIONS.map((name) => values.property(namespace, name))]
  values.drop(namespace)
  return anchors
}

function didNotStart(): VmError {
  return new VmError('ENGINE_UNSUPPORTED', 'The engine did not start.', 'Install the pinned dependencies again.')
}
