import { open, stat } from 'node:fs/promises'
import { MAX_NETWORK_FILE_BYTES } from './constants.ts'
import { CliError } from './errors.ts'

/** What the text of an invite looks like, and JSON: anything else is the path of a file with one of the two. */
const TEXT = /^\s*(?:amigo1[a-z2-7\s]{64,}$|\{)/i
/** What cannot but mean to be one, whole or not. */
const MEANT = /^\s*(?:amigo1|\{)/i

/**
 * The network that `--network FILE|INVITE` means, as text.
 * @throws CliError FILE_UNREADABLE
 */
export async function networkWish(word: string | undefined): Promise<{ network?: string }> {
  if (word === undefined) return {}
  if (TEXT.test(word)) return { network: word }
  const text = await readStart(word)
  // a line with a slip in it is no file: whoever reads it says what is wrong
  if (text === undefined && MEANT.test(word)) return { network: word }
  if (text === undefined) throw unreadable(word, 'is neither an invite nor a file that can be read')
  if (!MEANT.test(text) || text.includes('\0')) throw unreadable(word, 'is a file that holds no network')
  return { network: text }
}

/** What is longer than any network is cut, and refused by whoever reads it. A pipe or a device might never end. */
async function readStart(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_NETWORK_FILE_BYTES))
      return buffer.subarray(0, bytesRead).toString()
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

function unreadable(word: string, what: string): CliError {
  const shown = word.length > 80 ? `${word.slice(0, 80)}...` : word
  const hint = 'give the line that `network invite` prints on a node of that network, or a file that holds it'
  return new CliError('FILE_UNREADABLE', `${shown} ${what}.`, hint)
}
