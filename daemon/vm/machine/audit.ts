import { LINE, WASM_PAGE } from '../constants.ts'
import type { Instance } from './instance.ts'
import type { TrackedMemory } from './tracked-memory.ts'

/** For tests. Lines that differ from the accepted state although no mark says so: there must be none, ever. */
export function missedLines({ memory, marks }: Instance, tracked: TrackedMemory): number[] {
  const accepted = tracked.accepted()
  const zeros = new Uint8Array(WASM_PAGE)
  const missed: number[] = []
  for (let start = 0; start < memory.length; start += WASM_PAGE) {
    const expected = start < accepted.length ? accepted.subarray(start, start + WASM_PAGE) : zeros
    if (Buffer.compare(memory.subarray(start, start + WASM_PAGE), expected) === 0) continue
    for (let at = 0; at < WASM_PAGE; at += LINE) {
      const found = memory.subarray(start + at, start + at + LINE)
      const differs = Buffer.compare(found, expected.subarray(at, at + LINE)) !== 0
      if (differs && !marks[(start + at) / LINE]) missed.push((start + at) / LINE)
    }
  }
  return missed
}

/** For tests. Whether everything is exactly as last accepted, with no mark left. */
export function isClean(instance: Instance, tracked: TrackedMemory): boolean {
  const { marks, pages, globals } = instance
  const accepted = tracked.registers()
  const same = pages.value === accepted.pages && globals.every((global, i) => global.value === accepted.globals[i])
  return same && !marks.includes(1) && missedLines(instance, tracked).length === 0
}
