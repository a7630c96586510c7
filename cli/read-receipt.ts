import { readFile, stat } from 'node:fs/promises'
import type { Json } from '../daemon/api/vocabulary.ts'
import { MAX_RECEIPT_BYTES } from './constants.ts'
import { CliError } from './errors.ts'

/** Words that can only be meant as a file. */
const FILE = /^\.{0,2}\/|\.json$/

/** The receipt in the file of that name; undefined if there is none and the word may be a name. Throws FILE_UNREADABLE. */
export async function readReceipt(word: string): Promise<Json | undefined> {
  const unreadable = (why: string): CliError =>
    new CliError('FILE_UNREADABLE', `${word} ${why}.`, 'amigo call ... --receipt FILE writes one')
  const there = await stat(word).catch(() => undefined)
  if (!there?.isFile()) {
    if (FILE.test(word)) throw unreadable('cannot be read')
    return undefined
  }
  if (there.size > MAX_RECEIPT_BYTES) throw unreadable('is too large for a receipt')
  const text = await readFile(word, 'utf8').catch(() => {
    throw unreadable('cannot be read')
  })
  const receipt = parse(text)
  if (receipt !== undefined) return receipt
  // a file that happens to be called like a service
  if (!FILE.test(word)) return undefined
  throw unreadable('holds no receipt')
}

function parse(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
