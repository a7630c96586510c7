import type ts from 'typescript'
import { ROOT } from './type-host.ts'
import type { Problem } from './types.ts'
import { typescript } from './typescript.ts'

interface Advice {
  /** why there is none */
  reason: string
  hint: string
}

const NO_TIMERS = {
  reason: 'a call ends when its work is done: there are no timers',
  hint: 'Let a caller call again later.',
}
const NO_NETWORK = { reason: 'a contract has no network', hint: 'Let the caller fetch it, and pass it as an argument.' }
const NO_NODE = {
  reason: 'a contract runs without Node.js',
  hint: 'Use what JavaScript itself has, and amigos:context.',
}
const NO_PAGE = { reason: 'a contract runs in no browser', hint: 'Export render(path) to give the service a page.' }
const NO_THREADS = {
  reason: 'it would make results depend on the host',
  hint: 'Calls run one at a time: nothing needs it.',
}

/** Names that authors expect, which a contract does not have or must not rely on. */
const ADVICE: Readonly<Record<string, Advice>> = {
  ...all(
    NO_TIMERS,
    'setTimeout',
    'setInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'requestAnimationFrame',
  ),
  ...all(NO_NETWORK, 'fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Request', 'Response'),
  ...all(NO_NODE, 'process', 'Buffer', 'require', 'module', '__dirname', '__filename', 'global', 'exports'),
  ...all(NO_PAGE, 'window', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'alert'),
  ...all(NO_THREADS, 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'Worker'),
  performance: { reason: 'time stands still while a call runs', hint: 'Date.now() is the time of the call.' },
  crypto: {
    reason: 'a contract has no entropy of its own',
    hint: "Import from 'amigos:crypto', and randomBytes from 'amigos:context'.",
  },
  Intl: { reason: 'there is no locale', hint: 'Write numbers and dates by hand, or let the page do it.' },
  structuredClone: { reason: 'it is not part of JavaScript', hint: 'Copy what you need by hand.' },
  TextEncoder: { reason: 'it is not part of JavaScript', hint: 'Pass bytes, or strings.' },
  TextDecoder: { reason: 'it is not part of JavaScript', hint: 'Pass bytes, or strings.' },
}

function all(advice: Advice, ...names: string[]): Record<string, Advice> {
  return Object.fromEntries(names.map((name) => [name, advice]))
}

/** What to say of a name that the checker did not find, by its message. */
export function missingName(message: string): Advice | undefined {
  const name = /'([^']{1,64})'/.exec(message)?.[1] ?? ''
  const known = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined
  return known && { ...known, reason: `there is no ${name}: ${known.reason}` }
}

/** Uses of names that the language has and a contract does not: where they stand for what the library declares. */
export function forbiddenGlobals(program: ts.Program, sources: readonly ts.SourceFile[]): Problem[] {
  const checker = program.getTypeChecker()
  const problems: Problem[] = []
  const isGlobal = (node: ts.Identifier): boolean => {
    const declared = checker.getSymbolAtLocation(node)?.declarations ?? []
    return declared.length > 0 && declared.every((one) => !one.getSourceFile().fileName.startsWith(ROOT))
  }
  const visit = (source: ts.SourceFile, node: ts.Node): void => {
    if (typescript.isIdentifier(node) && Object.hasOwn(ADVICE, node.text) && !isMember(node) && isGlobal(node)) {
      const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
      const { reason, hint } = ADVICE[node.text]!
      const where = { file: source.fileName.slice(ROOT.length), line: line + 1, column: character + 1 }
      problems.push({ ...where, reason: `there is no ${node.text}: ${reason}`, hint })
    }
    typescript.forEachChild(node, (child) => visit(source, child))
  }
  for (const source of sources) visit(source, source)
  return problems
}

/** `x.Intl` is somebody's own. */
function isMember({ parent, pos }: ts.Identifier): boolean {
  return typescript.isPropertyAccessExpression(parent) && parent.name.pos === pos
}
