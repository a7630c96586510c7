/** The state of a service by the plainest means, to check what the node does against. See specs/vm.md, "State". */
import { LINE, WASM_PAGE } from '../../daemon/vm/constants.ts'
import { checkImage } from '../../daemon/vm/image.ts'
import { leavesOf, rootFromLeaves } from '../../daemon/vm/merkle.ts'
import type { Delta, Image } from '../../daemon/vm/types.ts'

/** The root that a commit names: over the memory, its size, the globals and the anchors. Hashes everything once. */
export function rootOf(image: Image): Uint8Array {
  checkImage(image)
  return rootFromLeaves(leavesOf(image.memory), image)
}

/** The image after a commit; the given one is not changed. @throws VmError BAD_IMAGE if it is none */
export function applyDelta(image: Image, delta: Delta): Image {
  return applyDeltaTo({ ...image, memory: image.memory.slice() }, delta)
}

/** Applies a delta in place where the size of the memory allows it. The given image must not be used afterwards. */
export function applyDeltaTo(image: Image, { lines, bytes, pages, globals }: Delta): Image {
  let { memory } = image
  if (memory.length !== pages * WASM_PAGE) {
    memory = new Uint8Array(pages * WASM_PAGE)
    memory.set(image.memory)
  }
  lines.forEach((line, i) => {
    memory.set(bytes.subarray(i * LINE, (i + 1) * LINE), line * LINE)
  })
  const after: Image = { memory, pages, globals: [...globals], anchors: image.anchors }
  checkImage(after)
  return after
}
