/** The documents: every link leads somewhere, and every command that they name exists. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { COMMANDS } from '../cli/commands.ts'
import { CODES } from '../daemon/api/codes.ts'

const ROOT = join(import.meta.dirname, '..')
const PAGES = [
  'README.md',
  ...['specs', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'))

describe('the documents', () => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8')

    it(`${page}: every link leads to a file`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) => match[1]!)
      assert.deepEqual(
        links.filter((link) => !existsSync(join(ROOT, dirname(page), link))),
        [],
      )
    })

    it(`${page}: every command exists`, () => {
      const verbs = new Set(COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]))
      const named = [...text.matchAll(/(?:^|`)(?:npx )?amigo ([a-z]+)\b/gm)].map((match) => match[1]!)
      assert.deepEqual(
        named.filter((verb) => !verbs.has(verb)),
        [],
      )
      const project = [join(ROOT, dirname(page)), ROOT].find((folder) => existsSync(join(folder, 'package.json')))!
      const scripts = Object.keys(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).scripts)
      const run = [...text.matchAll(/(?:^|`)npm run ([a-z]+)\b/gm)].map((match) => match[1]!)
      assert.deepEqual(
        run.filter((script) => !scripts.includes(script)),
        [],
      )
    })
  }

  it('explain no error code that does not exist', () => {
    const known = new Set(Object.values(CODES).flat())
    for (const page of ['specs/internode.md', 'specs/pull.md']) {
      const rows = readFileSync(join(ROOT, page), 'utf8').matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm)
      const codes = [...rows].flatMap(([, row]) => row!.match(/[A-Z_]+/g)!)
      assert(codes.length > 0, page)
      assert.deepEqual(
        codes.filter((code) => !known.has(code)),
        [],
        page,
      )
    }
  })

  it('list every page of specs/', () => {
    const index = readFileSync(join(ROOT, 'specs/README.md'), 'utf8')
    const pages = readdirSync(join(ROOT, 'specs')).filter((file) => file.endsWith('.md') && file !== 'README.md')
    assert.deepEqual(
      pages.filter((page) => !index.includes(`(${page})`)),
      [],
    )
  })
})
