/** What can be done with the state of a service without running anything. See specs/vm.md, "State". */
import { LINE, MAX_WASM_PAGES, WASM_PAGE } from './constants.ts'
import { VmError } from './errors.ts'
import { leavesOf, rootFromLeaves } from './merkle.ts'
import type { Delta, Image } from './types.ts'

/** The root that a commit names: over the memory, its size, the globals and the anchors. Hashes everything once. */
export function rootOf(image: Image): Uint8Array {
  checkImage(image)
  return rootFromLeaves(leavesOf(image.memory), image)
}

/**
 * The image after a commit; the given one is not changed. A new image is allocated and copied each time: whoever applies
 * many deltas keeps one copy and uses `applyDeltaTo`.
 *
 * @throws VmError BAD_IMAGE, BAD_DELTA
 */
export function applyDelta(image: Image, delta: Delta): Image {
  checkImage(image)
  return applyDeltaTo({ ...image, memory: image.memory.slice() }, delta)
}

/**
 * Applies a delta in place where the size of the memory allows it. The given image must not be used afterwards.
 *
 * @throws VmError BAD_DELTA if the lines are not ascending, lie outside the memory, or lack bytes; nothing is changed then
 */
export function applyDeltaTo(image: Image, delta: Delta): Image {
  checkDelta(delta, image)
  let { memory } = image
  if (memory.length !== delta.pages * WASM_PAGE) {
    memory = new Uint8Array(delta.pages * WASM_PAGE)
    memory.set(image.memory)
  }
  delta.lines.forEach((line, i) => {
    memory.set(delta.bytes.subarray(i * LINE, (i + 1) * LINE), line * LINE)
  })
  return { memory, pages: delta.pages, globals: [...delta.globals], anchors: image.anchors }
}

/** @throws VmError BAD_IMAGE if the numbers of an image do not fit together */
export function checkImage({ memory, pages, globals, anchors }: Image): void {
  const fits = isPages(pages) && memory.length === pages * WASM_PAGE && [...globals, ...anchors].every(isInt32)
  if (!fits) throw new VmError('BAD_IMAGE', 'The state of the service is not a valid image.', 'Fetch the state again.')
}

function checkDelta({ lines, bytes, pages, globals }: Delta, before: Image): void {
  const end = (pages * WASM_PAGE) / LINE
  const fits =
    isPages(pages) &&
    pages >= before.pages &&
    globals.length === before.globals.length &&
    globals.every(isInt32) &&
    bytes.length === lines.length * LINE &&
    lines.every((line, i) => line < end && (i === 0 || line > lines[i - 1]!))
  if (!fits)
    throw new VmError('BAD_DELTA', 'The delta of a commit does not fit the state before it.', 'Fetch it again.')
}

function isPages(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MAX_WASM_PAGES
}

function isInt32(n: number): boolean {
  return Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 32
}
