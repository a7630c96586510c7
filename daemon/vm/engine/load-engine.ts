import { hash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VmError } from '../errors.ts'
import { buildEngine } from './build-engine.ts'
import { ENGINE_SHA256 } from './engine-sha256.ts'

/**
 * The bytes of the engine: from the cache if they are there and right, else built and written to it.
 *
 * @param cacheDir folder of the cache, made if need be; none: built each time. A cache that cannot be written is no failure.
 * @throws VmError ENGINE_MISMATCH if what is installed does not build the engine that this version knows
 */
export async function loadEngine(cacheDir?: string): Promise<Uint8Array> {
  const file = cacheDir && join(cacheDir, `engine-${ENGINE_SHA256}.wasm`)
  const cached = file && (await readFile(file).catch(() => undefined))
  if (cached && sha256(cached) === ENGINE_SHA256) return cached

  const built = await buildEngine()
  const found = sha256(built)
  if (found !== ENGINE_SHA256) {
    throw new VmError(
      'ENGINE_MISMATCH',
      `The engine installed here is ${found}, this version needs ${ENGINE_SHA256}.`,
      'Install the dependencies again, exactly as the lock file says.',
    )
  }
  if (cacheDir && file) await writeAtomically(cacheDir, file, built).catch(() => undefined)
  return built
}

/** Another process may do the same at the same time: whoever renames last wins, with the same bytes. */
async function writeAtomically(folder: string, file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(temporary, bytes, { flag: 'wx', mode: 0o600 })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}
