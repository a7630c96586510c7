import { bundle } from './bundle.ts'
import { checkExports } from './check-exports.ts'
import { collect, type Reached } from './collect.ts'
import { MANIFEST_FILE, MAX_MESSAGE_LENGTH } from './constants.ts'
import { openFolder } from './folder.ts'
import { readInterface } from './interface.ts'
import { noManifest, parseManifest } from './manifest.ts'
import { plainText } from './text.ts'
import type { BuiltContract } from './types.ts'

/** Modules of the engine that this version knows. */
const BUILTINS = new Set(['amigos:context'])

/**
 * Compiles a contract's folder in this thread, without a deadline: `compile` is the way in. Never executes its code, reads
 * nothing outside the folder, and gives the same bytes for the same files wherever they lie.
 */
export async function build(dir: string, options: { signal?: AbortSignal } = {}): Promise<BuiltContract> {
  const folder = await openFolder(dir)
  const yaml = await folder.read(MANIFEST_FILE)
  if (yaml === undefined) throw await noManifest(dir, folder)
  const manifest = parseManifest(yaml)
  const reached = await collect(folder, manifest.main)
  const { functions, init, names, warnings } = readInterface(manifest.main, reached.modules)
  const module = await bundle(manifest.main, reached.texts, options)
  const unseen = checkExports(manifest.main, names, module)
  return {
    manifest,
    sources: folder.sources(),
    module,
    interface: functions,
    init,
    warnings: [...warnings, ...unseen, ...unknownBuiltins(reached)].map((warning) =>
      plainText(warning, MAX_MESSAGE_LENGTH),
    ),
  }
}

function unknownBuiltins({ builtins }: Reached): string[] {
  return [...builtins]
    .filter(([name]) => !BUILTINS.has(name))
    .map(([name, { file, line }]) => `${file}:${line}: ${name} is no module that this version knows`)
}
