import { parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Loader, type Message, type Plugin } from 'esbuild'
import { buildFailed } from './build-failed.ts'
import { MAX_MODULE_BYTES, MAX_PROBLEMS } from './constants.ts'
import { ContractError } from './errors.ts'
import { withEsbuild } from './esbuild-process.ts'
import { resolveImport } from './imports.ts'
import { STATE_MODULE } from './state-accessor.ts'
import type { Problem } from './types.ts'

const LOADERS: Record<string, Loader> = { ts: 'ts', js: 'js', json: 'json' }
const NAMESPACE = 'contract'
/** What esbuild is asked to begin with, whatever the entry is called: it changes the name of one that it finds on the disk. */
const ENTRY = 'contract-entry'

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
  logLevel: 'silent',
  logLimit: MAX_PROBLEMS,
}

/**
 * Makes one ES module of sources that were collected and checked before. Reads no file: esbuild sees nothing but `texts`,
 * so its output depends on them and on its version alone. Ends esbuild's process. Throws BUILD_FAILED, CONTRACT_TOO_LARGE.
 */
export async function bundle(
  main: string,
  texts: ReadonlyMap<string, string>,
  options: { signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const settings: BuildOptions = { ...SETTINGS, plugins: [sourcesOnly(main, texts)] }
  let module: Uint8Array
  try {
    const { outputFiles } = await withEsbuild(() => build(settings), options.signal)
    const [output] = outputFiles ?? []
    if (output === undefined) throw new Error('esbuild wrote nothing')
    module = output.contents
  } catch (error) {
    throw toContractError(error)
  }
  if (module.length <= MAX_MODULE_BYTES) return module
  throw new ContractError(
    'CONTRACT_TOO_LARGE',
    `The compiled module has ${module.length} bytes; ${MAX_MODULE_BYTES} is the most.`,
    'Keep data in the state, not in the code.',
  )
}

/** Answers esbuild's questions out of `texts`, and no others. */
function sourcesOnly(main: string, texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: NAMESPACE,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, importer, kind, with: attributes }) => {
        if (kind === 'entry-point') return { path: main, namespace: NAMESPACE }
        // Sources that import it were refused before: this is the line of the state accessor.
        if (path === STATE_MODULE) return { path, external: true }
        const type = attributes['type']
        if (type !== undefined && (type !== 'json' || !path.endsWith('.json')))
          return { errors: [{ text: `the import attribute type: '${type}' is not known here` }] }
        const found = resolveImport(importer, { specifier: path, line: 0, column: 0 })
        const isImport = kind === 'import-statement' || kind === 'dynamic-import'
        if (isImport && 'builtin' in found) return { path, external: true }
        if (isImport && 'path' in found && texts.has(found.path)) return { path: found.path, namespace: NAMESPACE }
        return { errors: [{ text: `'${path}' is loaded in a way that a contract cannot: write an import` }] }
      })
      onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const contents = texts.get(path)
        if (contents === undefined) return { errors: [{ text: `${path} is no source of this contract` }] }
        return { contents, loader: LOADERS[path.slice(path.lastIndexOf('.') + 1)] ?? 'ts' }
      })
    },
  }
}

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

function toProblem({ text, location }: Message): Problem {
  return {
    file: location?.file.replace(`${NAMESPACE}:`, '') ?? '',
    line: location?.line ?? 0,
    column: location === null ? 0 : location.column + 1,
    reason: text.replace(new RegExp(`${NAMESPACE}:`, 'g'), ''),
    hint: 'Correct it there.',
  }
}
