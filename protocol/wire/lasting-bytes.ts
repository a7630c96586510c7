import { PART_BYTES } from '../constants.ts'

/**
 * Memory that lasts as long as what is decoded from it: the decoder cuts byte strings out with `slice`, and of a large one it gets a view.
 * Copying 10 MiB would hold up everybody else for milliseconds.
 */
export class LastingBytes extends Uint8Array<ArrayBuffer> {
  override slice(start: number = 0, end: number = this.length): Uint8Array<ArrayBuffer> {
    const view = new Uint8Array(this.buffer, this.byteOffset + start, end - start)
    // a small one must not keep all the rest
    return view.length > PART_BYTES ? view : view.slice()
  }
}
