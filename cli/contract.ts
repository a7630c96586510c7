/** The compiler as commands use it. Loaded when it is needed: it takes longer than most commands. */
import { MAX_BODY_BYTES } from '../daemon/api/constants.ts'
import type { ContractUpload, Json } from '../daemon/api/vocabulary.ts'
import type { BuiltContract, EncodedContract, Interface } from '../daemon/contract/types.ts'
import { CliError } from './errors.ts'
import { shellWord } from './shell-word.ts'
import { say, type Text } from './text.ts'
import type { Context } from './types.ts'

export interface Built {
  built: BuiltContract
  encoded: EncodedContract
}

/** Compiles the folder that the command line names, else the current one. */
export async function buildContract(context: Context): Promise<Built> {
  const done = context.terminal.wait(say`compiling`)
  try {
    const [{ compile }, { encodeContract }] = await Promise.all([
      import('../daemon/contract/compile.ts'),
      import('../daemon/contract/encode.ts'),
    ])
    const built = await compile(context.words[0] ?? '.', { signal: context.signal })
    return { built, encoded: await encodeContract(built) }
  } finally {
    done()
  }
}

/** Throws BODY_TOO_LARGE before anything is sent. */
export function uploadOf({ encoded }: Built): ContractUpload {
  const blocks = encoded.blocks.map(({ cid, bytes }) => ({
    cid: cid.toString(),
    bytes: Buffer.from(bytes).toString('base64'),
  }))
  const size = blocks.reduce((sum, block) => sum + block.bytes.length, 0)
  if (size > MAX_BODY_BYTES * 0.95)
    throw new CliError('BODY_TOO_LARGE', 'The contract is too large for the daemon.', 'leave out what it does not need')
  return { blocks }
}

/** `--init JSON` */
export function readInit(context: Context): { init?: Json } {
  const word = context.flags.text('init')
  if (word === undefined) return {}
  try {
    return { init: JSON.parse(word) }
  } catch {
    throw new CliError('USAGE', '--init is not JSON.', `quote it for your shell: --init '{"title": "Hello"}'`)
  }
}

/** The first command to try on a service, as it can be typed. */
export async function exampleOf(name: string, functions: Interface): Promise<Text[]> {
  const fn = functions.find(({ kind }) => kind === 'call') ?? functions[0]
  if (fn === undefined) return []
  const { exampleArguments } = await import('../daemon/contract/example-arguments.ts')
  return [say`Next: ${['amigo', fn.kind, shellWord(name), fn.name, ...exampleArguments(fn.params)].join(' ')}`]
}
