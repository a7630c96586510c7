/** What the type checker sees of the world: the sources of one contract, the library of the language, and the engine's modules. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Folder of the sources, as the checker knows them; no path of this machine. */
export const ROOT = '/contract/'
const ENGINE_TYPES = '/engine/amigos.d.ts'
const CONSOLE_TYPES = '/engine/console.d.ts'
/** Roots of every program besides the entry. */
export const ENGINE_FILES: readonly string[] = [ENGINE_TYPES, CONSOLE_TYPES]

const CONSOLE = `
interface Console { ${['log', 'info', 'warn', 'error', 'debug'].map((name) => `${name}(...values: unknown[]): void`).join('; ')} }
declare var console: Console
declare function queueMicrotask(task: () => void): void
`

export const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  // what QuickJS has: test/contract/check-types.test.ts compares
  lib: ['lib.es2025.d.ts', 'lib.esnext.array.d.ts', 'lib.esnext.typedarrays.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  skipDefaultLibCheck: true,
}

const libraryFolder = `${dirname(fileURLToPath(import.meta.resolve('typescript'))).replaceAll('\\', '/')}/`

/** Answers the checker out of `texts`, and no others; of the disk it sees the language's own declarations alone. */
export function createTypeHost(texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const engine: Record<string, () => string> = {
    [ENGINE_TYPES]: () => readFileSync(new URL('amigos.d.ts', import.meta.url), 'utf8'),
    [CONSOLE_TYPES]: () => CONSOLE,
  }
  const read = (name: string): string | undefined => {
    if (Object.hasOwn(engine, name)) return engine[name]!()
    if (name.startsWith(libraryFolder) && /^lib\.[a-z0-9.]+$/.test(name.slice(libraryFolder.length)))
      return readFileSync(name, 'utf8')
    if (!name.startsWith(ROOT)) return undefined
    // an editor's reference to the declarations that the checker has anyway
    return texts.get(name.slice(ROOT.length)) ?? (name.endsWith('/amigos.d.ts') ? '' : undefined)
  }
  return {
    getSourceFile(name, version) {
      const text = read(name)
      return text === undefined ? undefined : ts.createSourceFile(name, text, version, true)
    },
    fileExists: (name) => read(name) !== undefined,
    readFile: read,
    getDefaultLibFileName: () => `${libraryFolder}lib.es2024.d.ts`,
    getDefaultLibLocation: () => libraryFolder,
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    directoryExists: () => true,
    getDirectories: () => [],
    writeFile: () => undefined,
  }
}
