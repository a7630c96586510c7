import assert from 'node:assert/strict'
import { PUBLIC_ACCESS } from '../../daemon/contract/access.ts'
import { build } from '../../daemon/contract/build.ts'
import { MAX_MANIFEST_BYTES } from '../../daemon/contract/constants.ts'
import { DEFAULT_LIMITS, heapBytesOf } from '../../daemon/contract/limits.ts'
import { parseManifest } from '../../daemon/contract/manifest.ts'
import { failure, inFolder } from './folder.ts'

const parse = (yaml: string) => parseManifest(new TextEncoder().encode(yaml))
const BASE = 'name: sample\nversion: 0.1.0\n'

describe('manifest', () => {
  it('fills in the defaults', () => {
    const rest = { access: PUBLIC_ACCESS, limits: DEFAULT_LIMITS, imports: {} }
    const plain = { name: 'sample', version: '0.1.0', main: 'sample.ts', description: '', tags: [] }
    assert.deepEqual(parse(BASE), { ...plain, ...rest })
  })

  it('takes every key', () => {
    const yaml = `${BASE}main: src/a.ts\ndescription: >\n  Two\n  lines.\ntags: [a, b-2]\naccess: public\n`
    const { main, description, tags } = parse(yaml)
    assert.deepEqual({ main, description, tags }, { main: 'src/a.ts', description: 'Two lines.', tags: ['a', 'b-2'] })
  })

  it('reads who may do what, with groups written out', () => {
    const [a, b] = [`k51${'a'.repeat(59)}`, `k51${'b'.repeat(59)}`]
    const groups = `  groups: {team: [~${b}, ${a}]}\n  functions: {reset: owner, post: [team, ${a}]}\n`
    const { access } = parse(`${BASE}access:\n  call: team\n  history: owner\n${groups}`)
    const functions = { reset: 'owner', post: [a, b] }
    assert.deepEqual(access, { call: [a, b], query: 'public', history: 'owner', functions })
    assert.deepEqual(parse(`${BASE}access: owner\n`).access.history, 'owner')
    assert.deepEqual(parse(`${BASE}access: [${a}]\n`).access.call, [a])
  })

  it('reads limits with their units', () => {
    const limits = parse(`${BASE}limits: {gas: 5_000_000, memory: 16 MiB, args: 64KiB, queue: 10}\n`).limits
    assert.deepEqual(limits, { ...DEFAULT_LIMITS, gas: 5_000_000, memory: 16 * 2 ** 20, args: 65_536, queue: 10 })
    assert(heapBytesOf(limits) < limits.memory)
  })

  it('reads imports, with what is left out', () => {
    const key = `~k51${'a'.repeat(59)}/forum`
    const yaml = `${BASE}imports:
  alice.amigos.net/forum: { range: ^1.2, mode: live }
  carol.amigos.net/text: { mode: code }
  "${key}": { range: "1" , mode: fork }
  local.land/_/forum: {}
  preview.land/bob/x: { range: 1.0.0-rc.1 }
`
    assert.deepEqual(parse(yaml).imports, {
      'alice.amigos.net/forum': { range: '^1.2', mode: 'live' },
      'carol.amigos.net/text': { range: '*', mode: 'code' },
      [key]: { range: '1', mode: 'fork' },
      'local.land/_/forum': { range: '*', mode: 'live' },
      'preview.land/bob/x': { range: '1.0.0-rc.1', mode: 'live' },
    })
  })

  it('takes words for what they are', () => {
    assert.equal(parse('name: no\nversion: 1.0.0-rc.1+build.5\n').name, 'no')
    assert.equal(parse('name: 007\nversion: 0.0.0\n').name, '007')
  })

  const refused: Record<string, string> = {
    'no name': 'version: 0.1.0\n',
    'no version': 'name: a\n',
    'an empty file': '',
    'a list': '- name\n',
    'a text': 'name\n',
    'upper case': 'name: Sample\nversion: 0.1.0\n',
    'a doubled dash': 'name: a--b\nversion: 0.1.0\n',
    'a dash in front': 'name: -a\nversion: 0.1.0\n',
    'a long name': `name: ${'a'.repeat(65)}\nversion: 0.1.0\n`,
    'a version of two numbers': 'name: a\nversion: 1.0\n',
    'a version with a leading zero': 'name: a\nversion: 01.0.0\n',
    'a version with a v': 'name: a\nversion: v1.0.0\n',
    'a range for a version': 'name: a\nversion: ^1.0.0\n',
    'main outside': `${BASE}main: ../a.ts\n`,
    'main absolute': `${BASE}main: /a.ts\n`,
    'main with a backslash': `${BASE}main: a\\b.ts\n`,
    'main of another kind': `${BASE}main: a.json\n`,
    'main that has types only': `${BASE}main: a.d.ts\n`,
    'main hidden': `${BASE}main: .git/a.ts\n`,
    'a list for a name': 'name: [a]\nversion: 0.1.0\n',
    'tags that are a text': `${BASE}tags: a\n`,
    'a tag twice': `${BASE}tags: [a, a]\n`,
    'many tags': `${BASE}tags: [${Array.from({ length: 17 }, (_, i) => `t${i}`)}]\n`,
    'a long description': `${BASE}description: ${'x'.repeat(1001)}\n`,
    'an escape sequence in the description': `${BASE}description: "\\e[2Jgone"\n`,
    'other access': `${BASE}access: private\n`,
    'access for a stranger': `${BASE}access: {call: bob}\n`,
    'access of another kind': `${BASE}access: {write: public}\n`,
    'a group called public': `${BASE}access: {groups: {public: []}}\n`,
    'more gas than there is': `${BASE}limits: {gas: 10_000_000_001}\n`,
    'a limit below its range': `${BASE}limits: {memory: 1 MiB}\n`,
    'gas in MiB': `${BASE}limits: {gas: 5 MiB}\n`,
    'a limit that is none': `${BASE}limits: {disk: 1 MiB}\n`,
    'imports that are a list': `${BASE}imports: [a.b.c/d]\n`,
    'an import that is a word': `${BASE}imports: {slugify: {}}\n`,
    'an import with a version in its name': `${BASE}imports: {alice.amigos.net/forum@1: {}}\n`,
    'an import without a service': `${BASE}imports: {alice.amigos.net: {}}\n`,
    'an import of a path': `${BASE}imports: {../a.b/forum: {}}\n`,
    'an import in capitals': `${BASE}imports: {Alice.amigos.net/forum: {}}\n`,
    'an import that says nothing': `${BASE}imports: {alice.amigos.net/forum: ^1.2}\n`,
    'an import of an unknown mode': `${BASE}imports: {alice.amigos.net/forum: {mode: copy}}\n`,
    'an import with a range that is none': `${BASE}imports: {alice.amigos.net/forum: {range: ">=1"}}\n`,
    'an import with another key': `${BASE}imports: {alice.amigos.net/forum: {version: 1.0.0}}\n`,
    'more imports than there may be': `${BASE}imports: {${Array.from({ length: 65 }, (_, i) => `a.b/c${i}: {}`)}}\n`,
    'a list of limits': `${BASE}limits: [gas]\n`,
    'a key twice': `${BASE}name: b\n`,
    'an unknown tag': `${BASE}description: !!js/function "x"\n`,
    'two documents': `${BASE}---\nname: b\n`,
    'no YAML': `${BASE}tags: [\n`,
    ['__proto__']: `${BASE}__proto__: {a: b}\n`,
    'an alias': `${BASE}description: &a x\ntags: [*a]\n`,
    'deep nesting': `${BASE}tags: ${'['.repeat(6000)}${']'.repeat(6000)}\n`,
    'an alias bomb': `a: &a [x,x,x]\nb: &b [*a,*a,*a]\n${BASE}`,
    'a large file': `${BASE}#${'x'.repeat(MAX_MANIFEST_BYTES)}`,
  }
  for (const [what, yaml] of Object.entries(refused))
    it(`refuses ${what}`, async () => {
      await failure('MANIFEST_INVALID', () => parse(yaml))
    })

  it('refuses bytes that are no UTF-8', async () => {
    await failure('MANIFEST_INVALID', () => parseManifest(new Uint8Array([0xff, 0xfe, 0x61])))
  })

  it('names an unknown key and the known ones', async () => {
    const error = await failure('MANIFEST_INVALID', () => parse(`${BASE}naem: x\n`))
    assert.match(error.message, /"naem"/)
    assert.match(error.hint, /name, version, main, description, tags, access/)
  })

  it('says where the YAML breaks', async () => {
    const error = await failure('MANIFEST_INVALID', () => parse('name: a\nversion: "0.1.0\n'))
    assert.match(error.message, /line \d+, column \d+/)
  })

  it('reads a folder, and says when there is none or it has no manifest', async () => {
    await inFolder({ 'main.ts': 'export const f = (): number => 1\n' }, async (dir) => {
      assert.equal((await build(dir)).manifest.name, 'sample')
      await failure('FOLDER_NOT_FOUND', () => build(`${dir}/none`))
      await failure('FOLDER_NOT_FOUND', () => build(`${dir}/amigo.yaml`))
    })
    await inFolder({ 'sub/main.ts': '' }, async (dir) => {
      const { message } = await failure('MANIFEST_NOT_FOUND', () => build(`${dir}/sub`))
      assert(message.includes(`${dir}/sub`), message)
    })
    await inFolder({ 'sub/amigo.yml': '' }, async (dir) => {
      const { message, hint } = await failure('MANIFEST_NOT_FOUND', () => build(`${dir}/sub`))
      assert.match(message, /amigo\.yml/)
      assert.match(hint, /Rename amigo\.yml to amigo\.yaml/)
    })
  })
})
