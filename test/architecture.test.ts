/** The picture of specs/README.md, checked: who may import whom, no cycles, files that can be read in one sitting. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** folder: what of ours its files may import, besides their own folder. The longest matching prefix decides. */
const MAY_IMPORT: Record<string, string[]> = {
  protocol: [],
  registry: [],
  'daemon/vm': [],
  // a manifest names networks
  'daemon/contract': ['daemon/make-folder.ts', 'registry/grammar/label.ts', 'registry/network'],
  'daemon/door': ['daemon/api'],
  'daemon/page': [],
  'daemon/api': ['daemon/make-folder.ts'],
  'daemon/store': ['daemon/vm'],
  'daemon/node': ['daemon/make-folder.ts'],
  'daemon/calls': [
    'daemon/api/vocabulary.ts',
    'daemon/contract',
    'daemon/door/types.ts',
    'daemon/node',
    'daemon/page/types.ts',
    'daemon/store',
    'daemon/vm',
    'protocol',
    'registry',
  ],
  'daemon/hub': [
    'daemon/api/vocabulary.ts',
    'daemon/calls',
    'daemon/contract',
    'daemon/node',
    'daemon/store',
    'protocol',
    'registry',
  ],
  // a contract's own tests, which see it as a program outside does
  'daemon/testing': ['daemon/calls', 'daemon/client', 'daemon/contract', 'daemon/vm'],
  // programs outside: in Node they speak the local API
  'daemon/client': ['daemon/api'],
  // the composition root: the files directly in daemon/
  daemon: ['daemon', 'protocol', 'registry'],
  // the command line knows the local API's words and the compiler; `up` starts the daemon
  cli: [
    'daemon/api',
    'daemon/contract',
    'daemon/door/gate.ts',
    'daemon/main.ts',
    'daemon/make-folder.ts',
    'daemon/network-folder.ts',
    'daemon/testing',
    'daemon/types.ts',
    'daemon/version.ts',
  ],
}

const MAX_LINES = 250

/** What is started, and not imported. */
const ENTRIES = [
  'cli/amigo.mjs',
  'daemon/client/browser.ts',
  'daemon/client/node.ts',
  'daemon/vm/worker/worker.ts',
  'daemon/hub/book/book.ts',
]

/** A folder's numbers are for its tests, too; what runs inside the virtual machine is read there as text, or called by name; entries are for others. */
const SHARED = /\/constants\.ts$|^daemon\/client\/(browser|node)\.ts$|^daemon\/(vm\/guest|hub\/book)\//

/** `FILE NAME` of what is exported though only a test or the bench uses it. */
const FOR_TESTS = ['daemon/calls/run/execute.ts createExecuteOpened', 'daemon/calls/run/group-step.ts settled']

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith('.d.ts'))
    .sort()
}

const FILES = ['daemon', 'protocol', 'registry', 'cli'].flatMap(filesUnder)

/** The files of ours that a file imports, statically or not, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)'(\.{1,2}\/[^']+\.(?:ts|mjs))'/g)]
  return found.map((match) => relative(ROOT, join(ROOT, dirname(file), match[1]!)))
}

/** What a file imports by name of files of ours, as `FILE NAME`, and what it loads while it runs, as `FILE *`. */
function namesImportedBy(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const fileOf = (path: string): string => relative(ROOT, join(ROOT, dirname(file), path))
  const named = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '(\.{1,2}\/[^']+)'/gm)]
  const loaded = [...text.matchAll(/\bimport\('(\.{1,2}\/[^']+)'\)/g)]
  return [
    ...named.flatMap(([, names, path]) => names!.split(',').map((name) => `${fileOf(path!)} ${nameOf(name)}`)),
    ...loaded.map(([, path]) => `${fileOf(path!)} *`),
  ]
}

const nameOf = (specifier: string): string =>
  specifier
    .trim()
    .replace(/^type /, '')
    .replace(/ as .*/, '')

function folderOf(file: string): string {
  const folders = Object.keys(MAY_IMPORT).filter((folder) => file.startsWith(`${folder}/`))
  return folders.sort((a, b) => b.length - a.length)[0] ?? ''
}

describe('architecture', () => {
  it('has a rule for every file', () => {
    assert.deepEqual(
      FILES.filter((file) => folderOf(file) === ''),
      [],
    )
  })

  it('imports only along the arrows', () => {
    const forbidden = FILES.flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          const from = folderOf(file)
          const own = from === 'daemon' ? folderOf(target) === 'daemon' : target.startsWith(`${from}/`)
          return !own && !MAY_IMPORT[from]!.some((to) => target === to || target.startsWith(`${to}/`))
        })
        .map((target) => `${file} -> ${target}`),
    )
    assert.deepEqual(forbidden, [])
  })

  it('imports only files that exist', () => {
    const known = new Set(FILES)
    const missing = FILES.flatMap((file) =>
      importsOf(file).filter((target) => !known.has(target) && !target.startsWith('test')),
    )
    assert.deepEqual(missing, [])
  })

  it('uses every package that it installs, and installs every package that it uses', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }
    const used = new Set(
      FILES.flatMap((file) => {
        const text = readFileSync(join(ROOT, file), 'utf8')
        const found = [
          ...text.matchAll(/(?:\bfrom |\bimport\(|\bresolve\()'((?:@[a-z0-9-]+\/)?[a-z][a-z0-9.-]*)(?:\/[^']*)?'/g),
        ]
        return found.map((match) => match[1]!).filter((name) => !name.startsWith('node:'))
      }),
    )
    for (const builtIn of ['node', 'amigos']) used.delete(builtIn)
    assert.deepEqual([...used].sort(), Object.keys(dependencies).sort())
  })

  it('has no file that nothing leads to', () => {
    const reached = new Set(FILES.flatMap(importsOf))
    assert.deepEqual(
      FILES.filter((file) => !reached.has(file) && !ENTRIES.includes(file)),
      [],
    )
  })

  it('exports no function and no constant that only its own file or a test uses', () => {
    const used = new Set(FILES.flatMap(namesImportedBy))
    const unused = FILES.filter((file) => !SHARED.test(file) && !used.has(`${file} *`)).flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8')
      const exported = [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
      return exported
        .map((match) => `${file} ${match[1]}`)
        .filter((name) => !used.has(name) && !FOR_TESTS.includes(name))
    })
    assert.deepEqual(unused, [])
  })

  it('has no import cycle', () => {
    const state = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
        return
      }
      state.set(file, 'open')
      for (const target of importsOf(file)) visit(target, [...path, file])
      state.set(file, 'done')
    }
    for (const file of FILES) visit(file, [])
    assert.deepEqual(cycles, [])
  })

  it(`has no file over ${MAX_LINES} lines`, () => {
    const long = FILES.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > MAX_LINES)
    assert.deepEqual(long, [])
  })

  it('names no file in another style than kebab-case', () => {
    assert.deepEqual(
      FILES.filter((file) => !/^[a-z0-9/-]+(\.test)?\.(ts|mjs)$/.test(file)),
      [],
    )
  })
})
