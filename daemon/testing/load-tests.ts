/**
 * Finds and loads the files of a folder that hold tests: `*.test.ts`, `*.test.js` and, where another runner takes those, `*.test.amigo.ts`, if they import
 * 'amigos:test'. Others belong to other runners.
 */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MAX_FILES } from './constants.ts'
import type { Registered } from './suite.ts'
import type { TestBody, TestOptions } from './types.ts'

const MODULE = 'amigos:test'
const IS_TEST = /\.test(\.amigo)?\.[jt]s$/
const IMPORTS_IT = /\bfrom\s*['"]amigos:test['"]/
/** Where the module that stands for 'amigos:test' finds what it exports: it has no other way to this one. */
const SLOT = 'amigos.test'
const SOURCE = `export const { test, it, describe, assert } = globalThis[Symbol.for('${SLOT}')]`

/** How a file is read that does not say it: as a module, as contracts are. */
const FORMATS: Readonly<Record<string, string>> = { '.ts': 'module-typescript', '.js': 'module' }

/** Paths relative to `dir`, in their order. */
export async function findTests(dir: string): Promise<string[]> {
  const found: string[] = []
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name.startsWith('.') || found.length >= MAX_FILES) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await look(path)
      else if (entry.isFile() && IS_TEST.test(entry.name)) found.push(path)
    }
  }
  await look('')
  const holds = await Promise.all(found.map(async (path) => IMPORTS_IT.test(await readFile(join(dir, path), 'utf8'))))
  return found.filter((_, i) => holds[i]).sort()
}

export interface Loader {
  /** The tests that a file registers while it is loaded. Rejects with what it threw. */
  load(file: string): Promise<Registered[]>
}

/** Modules that are loaded from now on in this process find 'amigos:test'. */
export function createLoader(): Loader {
  let current: { file: string; tests: Registered[]; groups: string[] } | undefined

  const test = (name: string, ...rest: [TestBody] | [TestOptions, TestBody]): void => {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest
    if (typeof name !== 'string' || typeof body !== 'function') throw new TypeError('test takes a name and a function')
    if (current === undefined) throw new TypeError('tests are registered while their file is loaded')
    current.tests.push({ file: current.file, name: [...current.groups, name].join(': '), options, body })
  }
  const describe = (name: string, body: () => void): void => {
    current?.groups.push(name)
    body()
    current?.groups.pop()
  }
  Object.assign(globalThis, { [Symbol.for(SLOT)]: { test, it: test, describe, assert } })
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === MODULE) return { url: MODULE, format: 'module', shortCircuit: true }
      const found = next(specifier, context)
      // whatever package.json says of the test; of what it imports, where that says nothing
      const isTest = found.url === (current && pathToFileURL(current.file).href)
      if (!isTest && (found.format != null || !found.url.startsWith('file:'))) return found
      const format = FORMATS[found.url.slice(found.url.lastIndexOf('.'))]
      return format === undefined ? found : { ...found, format }
    },
    load(url, context, next) {
      return url === MODULE ? { format: 'module', source: SOURCE, shortCircuit: true } : next(url, context)
    },
  })

  return {
    async load(file) {
      current = { file, tests: [], groups: [] }
      try {
        await import(pathToFileURL(file).href)
        return current.tests
      } finally {
        current = undefined
      }
    },
  }
}
