import { createClient } from '../daemon/api/client.ts'
import { EXIT, type ExitClass } from '../daemon/api/codes.ts'
import type { Client } from '../daemon/api/types.ts'
import type { Progress } from '../daemon/api/vocabulary.ts'
import { VERSION } from '../daemon/version.ts'
import { readDuration } from './duration.ts'
import { CliError } from './errors.ts'
import { exitCodeOf, failureOf, showFailure } from './failure.ts'
import { helpAnswer, helpOf, overview } from './help.ts'
import { homeFolder } from './home.ts'
import { ownWords } from './own-words.ts'
import { type Parsed, parseCommandLine } from './parse.ts'
import { createTerminal, type Streams } from './terminal.ts'
import { say } from './text.ts'
import type { Answer, Command, Context, Settings } from './types.ts'

export interface Surroundings extends Streams {
  signal: AbortSignal
}

/** Runs one command line and answers its exit code. Never rejects; all that it says is said when it resolves. */
export async function run(
  argv: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  // how a failure is told has to be known even if nothing else can be read
  let settings: Settings = {
    home: '',
    homeWord: undefined,
    timeoutMs: undefined,
    json: asksForJson(argv),
    quiet: false,
    verbose: false,
  }
  try {
    const parsed = parseCommandLine(argv, commands)
    settings = settingsOf(parsed, surroundings.env)
    const answer = instead(parsed, commands) ?? (await execute(parsed, settings, surroundings))
    if (typeof answer === 'number') return answer
    await show(answer, settings, surroundings)
    return answer.exit ?? EXIT.done
  } catch (error) {
    const told = failureOf(error)
    const interruption = new CliError('INTERRUPTED', 'Interrupted before it was done.')
    const failure = surroundings.signal.aborted ? { ...told, ...failureOf(interruption) } : told
    const terminal = createTerminal(surroundings, settings)
    if (settings.json) await terminal.printJson({ error: failure })
    else terminal.complain(...showFailure(failure, ownWords(surroundings.env, settings.homeWord)))
    if (failure.code === 'INTERNAL' && error instanceof Error) terminal.detail(say`${error.name}: ${error.message}`)
    return exitCodeOf(failure)
  }
}

/** Help and version, whatever else was asked for. */
function instead({ command, flags, wantsVersion }: Parsed, commands: readonly Command[]): Answer | undefined {
  if (flags.has('help')) return helpAnswer(command === undefined ? overview(commands, VERSION) : helpOf(command))
  if (wantsVersion) return { value: { version: VERSION }, human: [say`${VERSION}`] }
  if (command === undefined && flags.has('json')) throw new CliError('USAGE', 'Say what to do.', 'see amigo help')
  return command === undefined ? helpAnswer(overview(commands, VERSION)) : undefined
}

async function execute(parsed: Parsed, settings: Settings, surroundings: Surroundings): Promise<Answer | ExitClass> {
  const terminal = createTerminal(surroundings, settings)
  const { signal } = surroundings
  let client: Client | undefined
  const context: Context = {
    words: parsed.words,
    flags: parsed.flags,
    settings,
    terminal,
    signal,
    async request(method, params, options = {}) {
      client ??= createClient({ home: settings.home })
      const { doing = `waiting for ${method}`, ...rest } = options
      let latest: Progress | undefined
      const done = terminal.wait(say`${doing}`, () => latest)
      // asked for whether or not anybody looks: what moves may take longer
      const onProgress = (progress: Progress) => {
        latest = progress
      }
      try {
        const timeout = settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }
        return await client.request(method, params, { signal, onProgress, ...rest, ...timeout })
      } finally {
        done()
      }
    },
  }
  return parsed.command === undefined ? EXIT.usage : parsed.command.run(context)
}

async function show(answer: Answer, settings: Settings, streams: Streams): Promise<void> {
  const terminal = createTerminal(streams, settings)
  if (settings.json) return terminal.printJson(answer.value)
  if (answer.human.length > 0) await terminal.print(...answer.human)
  terminal.note(...(answer.notes ?? []))
}

function settingsOf({ flags }: Parsed, env: NodeJS.ProcessEnv): Settings {
  const timeout = flags.text('timeout')
  return {
    home: homeFolder(flags.text('home'), env),
    homeWord: flags.text('home'),
    timeoutMs: timeout === undefined ? undefined : readDuration(timeout),
    json: flags.has('json'),
    quiet: flags.has('quiet'),
    verbose: flags.has('verbose'),
  }
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end).includes('--json')
}
