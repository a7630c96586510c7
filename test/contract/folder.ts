import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ContractError, type ContractErrorCode } from '../../daemon/contract/errors.ts'

export const MANIFEST = 'name: sample\nversion: 0.1.0\nmain: main.ts\n'

export type Files = Record<string, string | Uint8Array>

/** Runs `use` on a temporary folder with these files and a manifest, and removes it. */
export async function inFolder<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'amigos-contract-')))
  try {
    for (const [path, content] of Object.entries({ 'amigo.yaml': MANIFEST, ...files })) {
      await mkdir(dirname(join(dir, path)), { recursive: true })
      await writeFile(join(dir, path), content)
    }
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The ContractError that `run` ends in, which has to have this code and a hint. */
export async function failure(code: ContractErrorCode, run: () => unknown): Promise<ContractError> {
  try {
    await run()
  } catch (error) {
    assert(error instanceof ContractError, String(error))
    assert.equal(error.code, code, error.message)
    assert.notEqual(error.hint, '')
    return error
  }
  return assert.fail(`nothing failed with ${code}`)
}
