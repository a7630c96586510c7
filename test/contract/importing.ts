import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { stringify } from 'yaml'
import { build } from '../../daemon/contract/build.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { type FetchedImport, makeImportFiles } from '../../daemon/contract/linking/import-files.ts'
import type { ImportMode } from '../../daemon/contract/types.ts'
import { type Files, inFolder, MANIFEST } from './folder.ts'

export const SERVICE: string = CID.createV1(dagCbor.code, await sha256.digest(new Uint8Array([1]))).toString()

export interface Wish {
  name: string
  mode: ImportMode
  range?: string
  version?: string
}

/** A contract as somebody else would fetch it, made of these files. */
export function fetched(wish: Wish, files: Files, imports: readonly FetchedImport[] = []): Promise<FetchedImport> {
  return inImporting(files, imports, (dir) => fetchedFrom(wish, dir))
}

/** The same of a folder. */
export async function fetchedFrom(
  { name, mode, range = '*', version = '0.1.0' }: Wish,
  dir: string,
): Promise<FetchedImport> {
  const built = await build(dir)
  const { cid, blocks } = await encodeContract(built)
  const called = mode === 'code' ? {} : { service: SERVICE, ...(mode === 'fork' && { commit: SERVICE }) }
  const root = blocks[0]!.bytes
  return { name, mode, range, version, contract: cid.toString(), root, sources: built.sources, ...called }
}

/** A folder with these files, which has these imports as `amigo import` would leave them. */
export function inImporting<T>(
  files: Files,
  imports: readonly FetchedImport[],
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const rules = Object.fromEntries(imports.map(({ name, range, mode }) => [name, { range, mode }]))
  const manifest = imports.length === 0 ? MANIFEST : MANIFEST + stringify({ imports: rules })
  return inFolder({ 'amigo.yaml': manifest, ...files }, async (dir) => {
    if (imports.length > 0) await writeImports(dir, imports)
    return use(dir)
  })
}

async function writeImports(dir: string, imports: readonly FetchedImport[]): Promise<void> {
  const made = await makeImportFiles(imports)
  for (const { path, content } of [...made.files, { path: 'amigo.lock', content: Buffer.from(made.lock) }]) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content)
  }
}
