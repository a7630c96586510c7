import { buildFailed } from './build-failed.ts'
import { bundle } from './bundle.ts'
import { checkExports } from './check-exports.ts'
import { checkTypes } from './check-types.ts'
import { collect, type Reached } from './collect.ts'
import { MANIFEST_FILE, MAX_BUNDLED, MAX_IDENTIFIER_LENGTH, MAX_MESSAGE_LENGTH } from './constants.ts'
import { ContractError } from './errors.ts'
import { openFolder } from './folder.ts'
import { readInterface } from './interface.ts'
import { createLinker, type Linker } from './linking/linker.ts'
import { settlePackages } from './linking/settle-packages.ts'
import { usedNames } from './linking/used-functions.ts'
import { noManifest, parseManifest } from './manifest.ts'
import { networkProblems, withNamedNetworks } from './networks.ts'
import type { Follow } from './program.ts'
import { withStateAccessor } from './state-accessor.ts'
import { DECLARATIONS } from './syntax.ts'
import { plainText } from './text.ts'
import type { BuiltContract, ContractImport, Interface, Manifest, Problem } from './types.ts'

/** Modules of the engine that this version knows. */
const BUILTINS = new Set(['context', 'events', 'crypto', 'content', 'imports', 'steps'].map((name) => `amigos:${name}`))

/**
 * Compiles a contract's folder in this thread, without a deadline: `compile` is the way in. Never executes its code, reads
 * nothing outside the folder, and gives the same bytes for the same files wherever they lie.
 */
export async function build(dir: string, options: { signal?: AbortSignal } = {}): Promise<BuiltContract> {
  const folder = await openFolder(dir)
  const yaml = await folder.read(MANIFEST_FILE)
  if (yaml === undefined) throw await noManifest(dir, folder)
  const { manifest, unnamed } = withNamedNetworks(parseManifest(yaml))
  const unreached = networkProblems(manifest)
  if (unreached.length > 0) throw buildFailed(unreached)
  const linker = await createLinker(folder, manifest)
  const reached = await collect(linker, manifest.main)
  const types = checkTypes(manifest.main, reached.texts, reached.links)
  const { modules, links } = reached
  const follow: Follow = ({ path }, specifier) => {
    const link = links.get(path)?.get(specifier)
    return link?.types ?? link?.path ?? ''
  }
  const { functions, init, names, warnings } = readInterface(manifest.main, modules, types.signatureOf, follow)
  const builtins = unknownBuiltins(reached)
  // the checker says of an unknown module that it is not found, which is said better here
  const problems = [...builtins, ...types.problems.filter(({ file, line }) => !isAt(builtins, file, line))]
  problems.push(...unknownFunctions(manifest, functions))
  if (problems.length > 0) throw buildFailed(problems)
  const paths = [...links.values()].flatMap((one) => [...one.values()].flatMap(({ path }) => path ?? []))
  await settlePackages(linker, paths)
  const { module, inputs } = await bundle(manifest.main, withState(manifest.main, reached, linker), linker, options)
  const bundled = linker.bundled(inputs)
  if (bundled.length > MAX_BUNDLED) throw tooMany(bundled.length)
  const unseen = checkExports(manifest.main, names, module)
  const { imports, unused } = pinnedImports(reached, linker)
  return {
    manifest,
    sources: [...folder.sources(), ...linker.made()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    module,
    interface: functions,
    init,
    imports,
    bundle: bundled,
    warnings: [...warnings, ...types.warnings, ...unseen, ...unused, ...unnamed.map(unnamedNetwork)].map((warning) =>
      plainText(warning, MAX_MESSAGE_LENGTH),
    ),
  }
}

const unnamedNetwork = (name: string): string => `${MANIFEST_FILE}: no import is on the network ${name}`

function tooMany(count: number): ContractError {
  const message = `The module holds ${count} packages and other contracts; ${MAX_BUNDLED} is the most.`
  return new ContractError('CONTRACT_TOO_LARGE', message, 'Use fewer, or import single modules of them.')
}

/** The texts with what makes their variables visible. */
function withState(main: string, { texts, modules }: Reached, linker: Linker): Map<string, string> {
  const own = [...modules].filter(([path]) => !linker.isPackaged(path) && !DECLARATIONS.test(path))
  const accessors = own.map(([path, module]): [string, string] => {
    return [path, withStateAccessor(module, path === main ? '' : linker.statePathOf(path))]
  })
  return new Map([...texts, ...accessors])
}

/** The imports of amigo.yaml with those functions that the code takes, and what is said of those that it does not have at all. */
function pinnedImports(
  { modules, links }: Reached,
  { imports }: Linker,
): { imports: ContractImport[]; unused: string[] } {
  const used = new Map<string, Set<string>>()
  for (const [path, module] of modules)
    for (const { specifier, name } of usedNames(module)) {
      const found = links.get(path)?.get(specifier)?.import
      if (found !== undefined) used.set(found, (used.get(found) ?? new Set()).add(name))
    }
  const reached = new Set([...links.values()].flatMap((one) => [...one.values()].map((link) => link.import)))
  const isUsed = (name: string, method: string): boolean => ['*', method].some((one) => used.get(name)?.has(one))
  return {
    imports: imports.map((found) => {
      if (found.mode === 'code') return found
      return { ...found, functions: found.functions.filter(({ name }) => isUsed(found.name, name)) }
    }),
    unused: imports
      .filter(({ name }) => !reached.has(name))
      .map(({ name }) => `${MANIFEST_FILE}: the code does not use the import ${name}`),
  }
}

function isAt(problems: readonly Problem[], file: string, line: number): boolean {
  return problems.some((problem) => problem.file === file && problem.line === line)
}

function unknownBuiltins({ builtins }: Reached): Problem[] {
  const hint = `The modules are ${[...BUILTINS].join(', ')}.`
  return [...builtins]
    .filter(([name]) => !BUILTINS.has(name))
    .map(([name, { file, line }]) => ({ file, line, column: 0, reason: `there is no module '${name}'`, hint }))
}

/** Whoever misspells a function in `access` leaves the function that was meant open. */
function unknownFunctions({ access }: Manifest, functions: Interface): Problem[] {
  const names = new Set(functions.map(({ name }) => name))
  const hint = names.size === 0 ? 'The contract exports none.' : `It exports ${[...names].join(', ')}.`
  return Object.keys(access.functions)
    .filter((name) => !names.has(name))
    .map((name) => {
      const reason = `access names "${name.slice(0, MAX_IDENTIFIER_LENGTH)}", which is no exported function`
      return { file: MANIFEST_FILE, line: 0, column: 0, reason, hint }
    })
}
