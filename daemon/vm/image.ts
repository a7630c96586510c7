/** The rules of a state: see specs/vm.md, "State". */
import { MAX_WASM_PAGES, WASM_PAGE } from './constants.ts'
import { VmError } from './errors.ts'
import type { Image } from './types.ts'

/** @throws VmError BAD_IMAGE if the numbers of an image do not fit together */
export function checkImage({ memory, pages, globals, anchors }: Image): void {
  const fits = isPages(pages) && memory.length === pages * WASM_PAGE && [...globals, ...anchors].every(isInt32)
  if (!fits) throw new VmError('BAD_IMAGE', 'The state of the service is not a valid image.', 'Fetch the state again.')
}

function isPages(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MAX_WASM_PAGES
}

function isInt32(n: number): boolean {
  return Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 32
}
