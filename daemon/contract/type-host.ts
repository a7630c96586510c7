/** What the type checker sees of the world: the sources of one contract, the library of the language, and the engine's modules. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type ts from 'typescript'
import { ENGINE_GLOBALS, engineModules } from './engine-types.ts'
import type { Link } from './linking/types.ts'
import { typescript } from './typescript.ts'

/** Folder of the sources, as the checker knows them; no path of this machine. */
export const ROOT = '/contract/'
const ENGINE_TYPES = '/engine/amigos.d.ts'
const GLOBAL_TYPES = '/engine/globals.d.ts'
/** Roots of every program besides the entry. */
export const ENGINE_FILES: readonly string[] = [ENGINE_TYPES, GLOBAL_TYPES]

export const OPTIONS: ts.CompilerOptions = {
  target: typescript.ScriptTarget.ES2023,
  module: typescript.ModuleKind.ESNext,
  moduleResolution: typescript.ModuleResolutionKind.Bundler,
  moduleDetection: typescript.ModuleDetectionKind.Force,
  // what QuickJS has: test/contract/engine-library.test.ts compares
  lib: ['es2025', ...['array', 'collection', 'disposable', 'error', 'typedarrays'].map((part) => `esnext.${part}`)].map(
    (name) => `lib.${name}.d.ts`,
  ),
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

/** What the specifiers of modules lead to, by their paths. */
export type Links = ReadonlyMap<string, ReadonlyMap<string, Link>>

/** Packages that do not say their types are taken for anything. */
function untyped(links: Links): string {
  const specifiers = [...links.values()].flatMap((one) =>
    [...one].flatMap(([name, { types }]) => (types === null ? [name] : [])),
  )
  return [...new Set(specifiers)].map((name) => `declare module ${JSON.stringify(name)}\n`).join('')
}

function resolved(link: Link | undefined): ts.ResolvedModuleFull | undefined {
  const path = link?.types ?? link?.path
  if (path === undefined || link?.types === null) return undefined
  const [extension = ''] = /(\.d\.[mc]?ts|\.[a-z]+)$/.exec(path) ?? []
  return { resolvedFileName: ROOT + path, extension }
}

/** Answers the checker out of `texts`, and no others; of the disk it sees the language's own declarations alone. */
export function createTypeHost(texts: ReadonlyMap<string, string>, links?: Links): ts.CompilerHost {
  const engine: Record<string, () => string> = {
    [ENGINE_TYPES]: engineModules,
    [GLOBAL_TYPES]: () => ENGINE_GLOBALS + untyped(links ?? new Map()),
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
      return text === undefined ? undefined : typescript.createSourceFile(name, text, version)
    },
    // doc comments of the library are half of it, and types in those of .js files are no concern of their author
    jsDocParsingMode: typescript.JSDocParsingMode.ParseNone,
    ...(links && {
      resolveModuleNameLiterals: (literals, from) =>
        literals.map(({ text }) => ({ resolvedModule: resolved(links.get(from.slice(ROOT.length))?.get(text)) })),
    }),
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
