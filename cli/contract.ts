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

/** Compiles a folder; the current one if none is named. */
export async function buildContract(context: Context, dir: string | undefined): Promise<Built> {
  const done = context.terminal.wait(say`compiling`)
  try {
    const [{ compile }, { encodeContract }] = await Promise.all([
      import('../daemon/contract/compile.ts'),
      import('../daemon/contract/encode.ts'),
    ])
    const built = await compile(dir ?? '.', { signal: context.signal })
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

/**
 * `--init JSON`: an array is the list of arguments, anything else the only one; but an array for the one parameter that is a
 * list is that argument. Each may be written as `call` takes it: a bigint as a number, a date as its text.
 */
export async function readInit(context: Context, { built: { init } }: Built): Promise<{ init?: Json[] }> {
  const word = context.flags.text('init')
  if (word === undefined) return {}
  const value = parseInit(word)
  const params = init ?? []
  const one = params.length === 1 && !params[0]!.rest && LISTS.has(params[0]!.type.kind)
  const args = Array.isArray(value) && !(one && !isListOfLists(value)) ? value : [value]
  const [{ readWord }, { checkValue }] = await Promise.all([
    import('../daemon/contract/words.ts'),
    import('../daemon/contract/check-value.ts'),
  ])
  return {
    init: args.map((arg, index) => {
      const param = params[Math.min(index, params.length - 1)]
      if (param === undefined || checkValue(param.type, arg) === undefined) return arg
      return readWord(param, typeof arg === 'string' ? arg : JSON.stringify(arg)) as Json
    }),
  }
}

const LISTS = new Set(['array', 'set', 'map'])

/** `[["a", "b"]]` is a list of arguments even for the one parameter that is a list. */
const isListOfLists = (value: Json[]): boolean => value.length === 1 && Array.isArray(value[0])

function parseInit(word: string): Json {
  try {
    return JSON.parse(word)
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
