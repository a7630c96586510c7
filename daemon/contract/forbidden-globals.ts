import type ts from 'typescript'
import { eachNode, isForeign, placeOf } from './typed-source.ts'
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
const NO_TEXT_CODER = { reason: 'it is not part of JavaScript', hint: 'Pass bytes, or strings.' }

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
  ...all(NO_TEXT_CODER, 'TextEncoder', 'TextDecoder', 'atob', 'btoa'),
  performance: { reason: 'time stands still while a call runs', hint: 'Date.now() is the time of the call.' },
  crypto: {
    reason: 'a contract has no entropy of its own',
    hint: "Import from 'amigos:crypto', and randomBytes from 'amigos:context'.",
  },
  Intl: { reason: 'there is no locale', hint: 'Write numbers and dates by hand, or let the page do it.' },
  structuredClone: { reason: 'it is not part of JavaScript', hint: 'Copy what you need by hand.' },
}

function all(advice: Advice, ...names: string[]): Record<string, Advice> {
  return Object.fromEntries(names.map((name) => [name, advice]))
}

function adviceOn(name: string): Advice | undefined {
  const known = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined
  return known && { ...known, reason: `there is no ${name}: ${known.reason}` }
}

/** What to say of a name that the checker did not find, by its message. */
export function missingName(message: string): Advice | undefined {
  return adviceOn(/'([^']{1,64})'/.exec(message)?.[1] ?? '')
}

/**
 * Uses of these names where they stand for what the library declares, or for nothing at all: comments such as `@ts-nocheck` do not
 * reach this far. The author's own are his to use.
 */
export function forbiddenGlobals(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): Problem[] {
  const problems: Problem[] = []
  for (const source of sources)
    eachNode(source, (node) => {
      if (!typescript.isIdentifier(node) || !Object.hasOwn(ADVICE, node.text) || isLabel(node)) return
      const symbol = checker.getSymbolAtLocation(node)
      if (symbol === undefined || isForeign(symbol)) problems.push({ ...placeOf(node), ...adviceOn(node.text)! })
    })
  return problems
}

/** Where `typeof` asks whether there is such a name: the answer is good, whatever it is. */
export function namesAskedFor(source: ts.SourceFile): Set<number> {
  const places = new Set<number>()
  eachNode(source, (node) => {
    if (typescript.isTypeOfExpression(node)) places.add(node.expression.getStart(source))
  })
  return places
}

/** Where a name stands for no variable that is used: `x.process` is somebody's own, whatever x is. */
function isLabel(node: ts.Identifier): boolean {
  const { parent } = node
  if (typescript.isTypeOfExpression(parent)) return true
  if (typescript.isPropertyAccessExpression(parent)) return parent.name === node
  if (typescript.isBindingElement(parent)) return parent.propertyName === node
  if (typescript.isQualifiedName(parent)) return parent.right === node
  return (
    (typescript.isPropertyAssignment(parent) ||
      typescript.isLabeledStatement(parent) ||
      typescript.isBreakOrContinueStatement(parent) ||
      typescript.isImportAttribute(parent)) &&
    (parent as { initializer?: ts.Node }).initializer !== node
  )
}
