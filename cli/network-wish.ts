import { open } from 'node:fs/promises'
import { MAX_NETWORK_FILE_BYTES } from './constants.ts'
import { CliError } from './errors.ts'

/** What the text of an invite looks like, and JSON: anything else is the path of a file with one of the two. */
const TEXT = /^\s*(?:amigo1[a-z2-7\s]{64,}$|\{)/i

/**
 * The network that `--network FILE|INVITE` means, as text.
 * @throws CliError FILE_UNREADABLE
 */
export async function networkWish(word: string | undefined): Promise<{ network?: string }> {
  if (word === undefined) return {}
  return { network: TEXT.test(word) ? word : await readStart(word) }
}

/** What is longer than any network is cut, and refused by whoever reads it. */
async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_NETWORK_FILE_BYTES))
      return buffer.subarray(0, bytesRead).toString()
    } finally {
      await file.close()
    }
  } catch {
    const hint = 'give the line of amigo network invite, or a file that holds it'
    throw new CliError('FILE_UNREADABLE', `${path} is neither an invite nor a file that can be read.`, hint)
  }
}
