import { parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Loader, type Message, type PartialMessage, type Plugin } from 'esbuild'
import { buildFailed } from './build-failed.ts'
import { MAX_MODULE_BYTES, MAX_PROBLEMS } from './constants.ts'
import { ContractError } from './errors.ts'
import { withEsbuild } from './esbuild-process.ts'
import type { Linker } from './linking/linker.ts'
import { isOptionalRequire } from './linking/optional-require.ts'
import { STATE_MODULE } from './state-accessor.ts'
import { checkJson, parseScript } from './syntax.ts'
import type { Problem } from './types.ts'

const LOADERS: Record<string, Loader> = { ts: 'ts', js: 'js', mjs: 'js', cjs: 'js', json: 'json' }
const NAMESPACE = 'contract'
/** What a package asks for and can do without. */
const ABSENT = 'absent'
/** What esbuild is asked to begin with, whatever the entry is called: it changes the name of one that it finds on the disk. */
const ENTRY = 'contract-entry'
/** A folder that no machine has, so deep that nobody gets out of it: esbuild itself looks on the disk for what a pattern means. */
const NOWHERE = `${parse(fileURLToPath(import.meta.url)).root}${'contract-nowhere/'.repeat(64)}`
const COMPUTED = {
  text: 'this require() or import() has no fixed text, and what is loaded has to be known when a contract is built',
  notes: [{ text: 'Import the modules by name and choose between them; if a package does it, use another one.' }],
}

const SETTINGS: BuildOptions = {
  bundle: true,
  // Wherever this process runs, esbuild stands in the same place.
  absWorkingDir: parse(fileURLToPath(import.meta.url)).root,
  entryPoints: [ENTRY],
  write: false,
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  charset: 'utf8',
  sourcemap: false,
  legalComments: 'none',
  // Otherwise esbuild looks for a tsconfig.json on the disk.
  tsconfigRaw: '{}',
  metafile: true,
  // what packages ask for that Node.js and bundlers know
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  // a require() or import() of what is known at run time only leads nowhere in a contract; esbuild takes a part of a path for a pattern
  logOverride: { 'unsupported-require-call': 'error', 'unsupported-dynamic-import': 'error', 'empty-glob': 'error' },
  logLevel: 'silent',
  logLimit: MAX_PROBLEMS,
}

/** Where the modules are that are no texts yet: those of packages. */
type Modules = Pick<Linker, 'follow' | 'read' | 'isPackaged' | 'isPure'>

/**
 * Makes one ES module of sources that were collected and checked before. Reads no file: esbuild sees nothing but `texts`,
 * so its output depends on them and on its version alone. Ends esbuild's process. Throws BUILD_FAILED, CONTRACT_TOO_LARGE.
 */
export async function bundle(
  main: string,
  texts: ReadonlyMap<string, string>,
  linker: Modules,
  options: { signal?: AbortSignal } = {},
): Promise<{ module: Uint8Array; inputs: string[] }> {
  const settings: BuildOptions = { ...SETTINGS, plugins: [sourcesOnly(main, texts, linker)] }
  let module: Uint8Array
  let inputs: string[]
  try {
    const { outputFiles, metafile } = await withEsbuild(() => build(settings), options.signal)
    const [output] = outputFiles ?? []
    if (output === undefined) throw new Error('esbuild wrote nothing')
    module = output.contents
    inputs = Object.values(metafile?.outputs ?? {}).flatMap((one) => Object.keys(one.inputs))
  } catch (error) {
    throw toContractError(error)
  }
  if (module.length <= MAX_MODULE_BYTES) return { module, inputs: inputs.map(withoutNamespace) }
  throw new ContractError(
    'CONTRACT_TOO_LARGE',
    `The compiled module has ${module.length} bytes; ${MAX_MODULE_BYTES} is the most.`,
    'Keep data in the state, not in the code.',
  )
}

/** Answers esbuild's questions out of `texts`, and no others. */
function sourcesOnly(main: string, texts: ReadonlyMap<string, string>, linker: Modules): Plugin {
  return {
    name: NAMESPACE,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, async ({ path, importer, kind, with: attributes }) => {
        if (kind === 'entry-point') return { path: main, namespace: NAMESPACE }
        // Sources that import it were refused before: this is the line of the state accessor.
        if (path === STATE_MODULE) return { path, external: true }
        const type = attributes['type']
        if (type !== undefined && (type !== 'json' || !path.endsWith('.json')))
          return { errors: [{ text: `the import attribute type: '${type}' is not known here` }] }
        const isImport = kind === 'import-statement' || kind === 'dynamic-import'
        if (!isImport && !linker.isPackaged(importer))
          return { errors: [{ text: `'${path}' is loaded in a way that a contract cannot: write an import` }] }
        const found = await linker.follow(importer, path, isImport ? 'import' : 'require')
        if ('builtin' in found) return { path, external: true }
        if ('reason' in found && !isImport && (await isOptional(importer, path, linker)))
          return { path, namespace: ABSENT }
        if ('reason' in found)
          return { errors: [{ text: `'${path}': ${found.reason}`, notes: [{ text: found.hint }] }] }
        if (found.path === undefined) return { errors: [{ text: `'${path}' has types and nothing that runs` }] }
        return { path: found.path, namespace: NAMESPACE, sideEffects: !linker.isPure(found.path) }
      })
      onLoad({ filter: /.*/, namespace: ABSENT }, () => ({ contents: "throw new Error('it cannot be had here')" }))
      onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => {
        const contents = texts.get(path) ?? (await packaged(path, linker))
        if (typeof contents !== 'string')
          return { errors: contents ?? [{ text: `${path} is no source of this contract` }] }
        return { contents, loader: LOADERS[path.slice(path.lastIndexOf('.') + 1)] ?? 'ts', resolveDir: NOWHERE }
      })
      // nothing of the disk, whatever esbuild finds there by itself
      onLoad({ filter: /.*/ }, () => ({ errors: [COMPUTED] }))
    },
  }
}

/** The text of a package's module; what is wrong with it otherwise. */
async function packaged(path: string, linker: Modules): Promise<string | PartialMessage[] | undefined> {
  const bytes = linker.isPackaged(path) ? await linker.read(path) : undefined
  if (bytes === undefined) return undefined
  const text = new TextDecoder().decode(bytes)
  const problems: Problem[] = []
  // the parser's depth is bounded, which keeps the bundler's recursion bounded too
  if (path.endsWith('.json')) checkJson(path, text, problems)
  else parseScript(path, text, problems)
  return problems.length === 0 ? text : problems.map(({ reason, hint }) => ({ text: reason, notes: [{ text: hint }] }))
}

async function isOptional(importer: string, specifier: string, linker: Modules): Promise<boolean> {
  const bytes = await linker.read(importer)
  return bytes !== undefined && isOptionalRequire(new TextDecoder().decode(bytes), specifier)
}

const withoutNamespace = (path: string): string => path.replace(`${NAMESPACE}:`, '')

function toContractError(error: unknown): ContractError {
  const errors = (error as { errors?: Message[] }).errors ?? []
  if (errors.length > 0) return buildFailed(errors.map(toProblem))
  // Its message may hold paths of this machine, so it is not passed on.
  return new ContractError(
    'BUILD_FAILED',
    'The bundler did not run to its end on this machine.',
    'Check that esbuild is installed for this platform: npm ls esbuild',
  )
}

function toProblem({ text, location, notes }: Message): Problem {
  const told = COMPUTED_LOAD.test(text) ? COMPUTED : { text, notes }
  return {
    file: location?.file.replace(`${NAMESPACE}:`, '') ?? '',
    line: location?.line ?? 0,
    column: location === null ? 0 : location.column + 1,
    reason: told.text.replace(new RegExp(`${NAMESPACE}:`, 'g'), ''),
    hint: told.notes[0]?.text ?? 'Correct it there.',
  }
}

/** As esbuild says it of a path that is no fixed text, or has a part that is none. */
const COMPUTED_LOAD = /^Could not resolve (?:require|import)\(|will not be bundled because the argument/
