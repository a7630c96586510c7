/** How the garbage collector of V8 is to work where most memory is buffers that live for a millisecond. */
import { setFlagsFromString } from 'node:v8'

/**
 * As V8 comes, 64 MB of buffers, live or not, are a reason to look through the whole heap: that is a tenth of a second of network traffic, and
 * each look holds up everybody for some milliseconds, several times.
 */
const FLAGS = [
  // buffers count like all other memory
  '--external-memory-accounted-in-global-limit',
  // of which three times as much as lives may come before the whole heap is looked through
  '--heap-growing-percent=300',
]

/** For the whole process, its workers included. */
export function tuneCollector(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}
