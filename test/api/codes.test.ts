import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODES, EXIT } from '../../daemon/api/codes.ts'
import { exitClassOf } from '../../daemon/api/exit-class.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const KNOWN: readonly string[] = Object.values(CODES).flat()

/** `| 'CODE'` in a union, `CODE: hint` in a table that a union is made of. */
const DECLARED = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'|^\s+([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*):/gm
const THROWN = /new \w+Error\(\s*'([A-Z][A-Z0-9_]+)'/g

async function sources(): Promise<string[]> {
  const folders = await Promise.all(
    ['daemon', 'registry', 'protocol', 'cli'].map(async (top) =>
      (await readdir(join(ROOT, top), { recursive: true })).map((file) => join(top, file)),
    ),
  )
  return folders.flat().filter((file) => file.endsWith('.ts'))
}

async function codesIn(file: string, pattern: RegExp): Promise<string[]> {
  const text = await readFile(join(ROOT, file), 'utf8')
  return [...text.matchAll(pattern)].map(([, one, other]) => one ?? other ?? '')
}

/** The members of `export type CallFailureCode = ...` and the like, outside of errors.ts. */
async function unionIn(file: string): Promise<string[]> {
  const text = await readFile(join(ROOT, file), 'utf8')
  const unions = [...text.matchAll(/type \w*Code =((?:\s*\|?\s*'[A-Z0-9_]+')+)/g)].map(([, members]) => members ?? '')
  return unions.flatMap((members) => [...members.matchAll(/'([A-Z0-9_]+)'/g)].map(([, code]) => code ?? ''))
}

describe('the table of error codes', () => {
  it('holds every code that any folder declares', async () => {
    const files = (await sources()).filter((file) => file.endsWith('errors.ts'))
    assert.ok(files.length >= 7, `found ${files}`)
    for (const file of files) {
      const codes = await codesIn(file, DECLARED)
      assert.ok(codes.length > 0, `${file} declares no code`)
      for (const code of codes) assert.ok(KNOWN.includes(code), `${file}: ${code} is not in daemon/api/codes.ts`)
    }
  })

  it('holds every code that types declare and that is thrown by name', async () => {
    let seen = 0
    for (const file of await sources())
      for (const code of [...(await unionIn(file)), ...(await codesIn(file, THROWN))]) {
        seen += 1
        assert.ok(KNOWN.includes(code), `${file}: ${code} is not in daemon/api/codes.ts`)
      }
    assert.ok(seen > 50)
  })

  it('holds each code once', () => {
    assert.deepEqual(
      KNOWN.filter((code, index) => KNOWN.indexOf(code) !== index),
      [],
    )
  })

  it('is the one in the specification', async () => {
    const spec = await readFile(join(ROOT, 'specs/api.md'), 'utf8')
    for (const [name, codes] of Object.entries(CODES)) {
      const exit = EXIT[name as keyof typeof EXIT]
      const row = spec.split('\n').find((line) => line.startsWith(`| ${exit} |`))
      for (const code of codes) assert.ok(row?.includes(`\`${code}\``), `specs/api.md lacks ${code} at ${exit}`)
    }
  })

  it('takes what it does not know for a failure', () => {
    assert.equal(exitClassOf('FROM_THE_FUTURE'), EXIT.failed)
    assert.equal(exitClassOf('toString'), EXIT.failed)
    assert.equal(exitClassOf('NO_DAEMON'), EXIT.noDaemon)
  })
})
