import { buildFailed } from './build-failed.ts'
import { MAX_PROBLEMS } from './constants.ts'
import { type Import, importsOf } from './imports.ts'
import type { Linker } from './linking/linker.ts'
import type { Link } from './linking/types.ts'
import { collidingPath } from './path.ts'
import { REGISTER_NAME } from './state-accessor.ts'
import { checkJson, type Module, parseModule } from './syntax.ts'
import type { Problem } from './types.ts'
import { syntaxNodes } from './walk-syntax.ts'

/** What the entry reaches, by path: text of every source, and the syntax of those that are code. */
export interface Reached {
  /** of packages only what says their types */
  texts: Map<string, string>
  modules: Map<string, Module>
  /** modules of the engine, such as amigos:context */
  builtins: Map<string, { file: string; line: number }>
  /** by module, what its specifiers lead to */
  links: Map<string, Map<string, Link>>
}

/** Reads and parses the entry and all it imports, types included. Throws BUILD_FAILED with the first problems found, CONTRACT_TOO_LARGE. */
export async function collect(linker: Linker, main: string): Promise<Reached> {
  const reached: Reached = { texts: new Map(), modules: new Map(), builtins: new Map(), links: new Map() }
  const problems: Problem[] = []
  const waiting = [main]
  /** by each file the one that first led to it */
  const importers = new Map<string, string>()

  const follow = async (file: string, found: Import): Promise<void> => {
    const { line, column, specifier } = found
    const followed = await linker.follow(file, specifier, 'types')
    if ('builtin' in followed) {
      if (!reached.builtins.has(followed.builtin)) reached.builtins.set(followed.builtin, { file, line })
    } else if (!('reason' in followed)) {
      const links = reached.links.get(file) ?? new Map<string, Link>()
      reached.links.set(file, links.set(specifier ?? '', followed))
      const { path, types } = followed
      const next = types === undefined ? path : types
      // what stands for a service is made here, and only its types are looked at
      if (followed.import !== undefined && types !== undefined && path !== undefined) await addText(path)
      if (next == null) return
      if (next !== main && !importers.has(next)) importers.set(next, file)
      if ((await linker.read(next)) !== undefined) waiting.push(next)
      else problems.push({ file, line, column, reason: `there is no ${next}`, hint: GONE_HINT })
    } else if (!linker.isPackaged(file)) {
      const { reason, hint } = followed
      problems.push({
        file,
        line,
        column,
        reason: `${quote(specifier)}: ${reason}`,
        hint: hint + wayTo(file, importers),
      })
    }
  }

  const addText = async (path: string): Promise<string | undefined> => {
    const content = await linker.read(path)
    const text = content === undefined ? undefined : decodeText(content)
    if (text === undefined)
      problems.push({ file: path, line: 0, column: 0, ...(content === undefined ? NO_FILE : NO_TEXT) })
    else reached.texts.set(path, text)
    return text
  }

  for (let path = waiting.shift(); path !== undefined && problems.length < MAX_PROBLEMS; path = waiting.shift()) {
    if (reached.texts.has(path)) continue
    const text = await addText(path)
    if (text === undefined) continue
    if (path.endsWith('.json')) {
      checkJson(path, text, problems)
      continue
    }
    // types that cannot be read are none
    const module = parseModule(path, text, linker.isPackaged(path) ? [] : problems)
    if (module === undefined) continue
    reached.modules.set(path, module)
    const reserved = firstUse(REGISTER_NAME, module)
    if (reserved !== undefined) problems.push({ file: path, ...reserved, ...RESERVED })
    const references = linker.isPackaged(path) ? referencesIn(text) : []
    for (const found of [...importsOf(module), ...references]) {
      if (problems.length >= MAX_PROBLEMS) break
      await follow(path, found)
    }
  }
  const collision = collidingPath([...reached.texts.keys()])
  if (collision !== undefined) problems.push({ file: collision, line: 0, column: 0, ...COLLISION })
  if (problems.length > 0) throw buildFailed(problems)
  return reached
}

const NO_FILE = {
  reason: 'there is no such file, or it is a link',
  hint: 'Name the entry module in main of amigo.yaml.',
}
const GONE_HINT = 'It went away while it was being read: build once more.'
const NO_TEXT = { reason: 'it is not UTF-8 text', hint: 'Save it as UTF-8.' }
const RESERVED = { reason: `the name ${REGISTER_NAME} is the compiler's`, hint: 'Use another name.' }
const COLLISION = { reason: 'another file has the same name in other letters', hint: 'Give it another name.' }

/** A project may have files that it did not mean to be part of the contract: how they are reached. */
function wayTo(file: string, importers: ReadonlyMap<string, string>): string {
  const way = [file]
  for (let from = importers.get(file); from !== undefined; from = importers.get(from)) way.unshift(from)
  return way.length === 1 ? '' : ` It is reached by ${way.join(' -> ')}.`
}

/** Other files of a package that say some of its types (typescriptlang.org, "Triple-Slash Directives"). */
function referencesIn(text: string): Import[] {
  const found = text.matchAll(/^\/\/\/\s*<reference\s+path=["']([^"']{1,200})["']/gm)
  return [...found].map(([, path = '']) => ({
    specifier: path.startsWith('.') ? path : `./${path}`,
    line: 0,
    column: 0,
  }))
}

function decodeText(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return undefined
  }
}

/** Where a module first uses a name, however it spells it. */
function firstUse(name: string, module: Module): { line: number; column: number } | undefined {
  for (const { type, name: used, loc } of syntaxNodes(module))
    if (type === 'Identifier' && used === name && loc) return { line: loc.start.line, column: loc.start.column + 1 }
  return undefined
}

function quote(specifier: string | undefined): string {
  return specifier === undefined ? 'import()' : `'${specifier.slice(0, 80)}'`
}
