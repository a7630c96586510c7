import { buildFailed } from './build-failed.ts'
import { declarationsOf } from './declarations.ts'
import type { ExportedName } from './interface.ts'
import { parseModule } from './syntax.ts'
import type { Problem } from './types.ts'

/**
 * Compares what the interface was read to be with what the compiled module really exports, so that no contract is published whose
 * functions nobody can call. Pure. Answers warnings about exports that the reader of the interface did not see. Throws BUILD_FAILED.
 */
export function checkExports(main: string, names: readonly ExportedName[], module: Uint8Array): string[] {
  const real = exportsOf(module)
  const lost = names.filter(({ name, isFunction }) => isFunction && !real.has(name))
  if (lost.length > 0)
    throw buildFailed(
      lost.map(({ name, file, line }) => ({
        file,
        line,
        column: 0,
        reason: `${name} is exported here, but not by the compiled module`,
        hint: 'Export it once, by its name: of two exports with one name JavaScript takes neither.',
      })),
    )
  const seen = new Set(names.map(({ name }) => name))
  return [...real]
    .filter((name) => !seen.has(name))
    .map((name) => `${main}: ${name} cannot be called: it is no function that can be seen to be one`)
}

/** Read from the module itself: the list that esbuild offers holds names which it left out for being ambiguous. */
function exportsOf(module: Uint8Array): Set<string> {
  const problems: Problem[] = []
  const parsed = parseModule('module.js', new TextDecoder().decode(module), problems)
  if (parsed === undefined || problems.length > 0) throw buildFailed(problems)
  return new Set(declarationsOf(parsed).exports.keys())
}
