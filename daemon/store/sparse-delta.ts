import { LINE } from '../vm/constants.ts'
import type { Delta } from '../vm/types.ts'
import { sameBytes } from './block.ts'
import type { SparseDelta } from './commit-types.ts'
import { LINE_MASK, WORD } from './constants.ts'

/** What a line held before, if that is known. */
export type Before = (line: number) => Uint8Array | undefined

const ALL = 0xff
const WORDS_PER_BYTE = 8

/** Leaves out the words of four bytes that are what they were before: most of a line of 256 bytes, as a rule. */
export const sparseDelta = (delta: Delta, before: Before = () => undefined): SparseDelta => {
  const { lines, bytes, pages, globals } = delta
  const masks = new Uint8Array(lines.length * LINE_MASK).fill(ALL)
  lines.forEach((line, i) => {
    const old = before(line)
    if (old) markChanged(bytes.subarray(i * LINE, (i + 1) * LINE), old, masks.subarray(i * LINE_MASK))
  })
  return { lines, masks, words: wordsUnder(masks, bytes), pages, globals }
}

const markChanged = (now: Uint8Array, old: Uint8Array, mask: Uint8Array): void => {
  mask.fill(0, 0, LINE_MASK)
  for (let at = 0; at < LINE; at++) {
    if (now[at] === old[at]) continue
    const word = Math.floor(at / WORD)
    mask[word >> 3]! |= 1 << (word & 7)
    // the rest of the word goes with it
    at = (word + 1) * WORD - 1
  }
}

/** The words of whole lines that the masks name, one after the other. */
export const wordsUnder = (masks: Uint8Array, lines: Uint8Array): Uint8Array => {
  const words = new Uint8Array(wordCount(masks) * WORD)
  let end = 0
  eachRun(masks, (start, length) => {
    words.set(lines.subarray(start, start + length), end)
    end += length
  })
  return words
}

/** Sets the words of one line, whose content is given as a page and the place in it. Answers how many bytes of `words` it took. */
export const setWords = (mask: Uint8Array, words: Uint8Array, page: Uint8Array, place: number): number => {
  let taken = 0
  eachRun(mask, (start, length) => {
    page.set(words.subarray(taken, taken + length), place + start)
    taken += length
  })
  return taken
}

/** Whether a delta with whole lines is what a signed one says. */
export const isSameChange = (signed: SparseDelta, found: Delta): boolean =>
  signed.lines.length === found.lines.length &&
  signed.lines.every((line, i) => line === found.lines[i]) &&
  sameBytes(signed.words, wordsUnder(signed.masks, found.bytes))

/** Bits that are set: one for each word that follows. */
export const wordCount = (masks: Uint8Array): number => {
  let count = 0
  for (const byte of masks) for (let bits = byte; bits > 0; bits &= bits - 1) count++
  return count
}

/** Calls back for each run of bytes, in whole lines, that the masks name. */
const eachRun = (masks: Uint8Array, found: (start: number, length: number) => void): void => {
  const end = masks.length * WORDS_PER_BYTE
  for (let word = 0; word < end; word++) {
    if (masks[word >> 3] === 0) {
      word |= 7
      continue
    }
    const start = word
    while (word < end && masks[word >> 3]! & (1 << (word & 7))) word++
    if (word > start) found(start * WORD, (word - start) * WORD)
  }
}
