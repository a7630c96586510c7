import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../cli/errors.ts'
import { type Written, writeImports } from '../../cli/import-folder.ts'
import type { Implementation } from '../../daemon/api/vocabulary.ts'
import { cborCid } from '../../daemon/contract/block-cid.ts'
import { parseLock } from '../../daemon/contract/linking/lock.ts'
import { parseManifest } from '../../daemon/contract/manifest.ts'
import { readInvite } from '../../registry/network/invite.ts'
import { type Fixture, startServer } from '../api/fixture.ts'
import { fetched, inImporting } from '../contract/importing.ts'
import { emptyNetwork, inviteTo } from '../support/invite.ts'
import { tempFolder } from '../support/temp.ts'
import { amigoHere, type Ended } from './fixture.ts'

const NAME = 'alice.amigos.net/forum'
const OLD = await fetched(
  { name: NAME, mode: 'live' },
  { 'main.ts': 'export function add(n: number): number { return n }' },
)
const NEW = await fetched(
  { name: NAME, mode: 'live' },
  { 'main.ts': 'export function add(n: string): number { return 1 }' },
)

const MORE = await fetched(
  { name: NAME, mode: 'live' },
  { 'main.ts': 'export function add(n: number): number { return n }\nexport function more(): void {}' },
)

const file = (path: string, text: string): Written => ({ path, content: Buffer.from(text) })

const INVITE = inviteTo(emptyNetwork('stage'))
const OTHER_INVITE = inviteTo(emptyNetwork('other'))
const networkIn = (invite: string): { id: string; invite: string } => ({ id: readInvite(invite).network.id, invite })

describe('import', () => {
  let home: Awaited<ReturnType<typeof tempFolder>>
  let fixture: Fixture
  /** what the daemon finds, by the names that it was asked for */
  let found: typeof OLD
  /** what nobody gives */
  let gone: string[]
  let asked: string[]
  /** with which invites */
  let invites: (string | undefined)[]
  /** the name that it answers */
  let as: string

  const contract: Implementation['contract'] = async ({ name, invite }) => {
    asked.push(name)
    invites.push(invite)
    if (gone.includes(name)) throw new CliError('TIMED_OUT', 'Nobody gave it.')
    const { version, contract: cid, service = null, root, sources } = found
    const files = sources.map(({ path, content }) => ({ path, bytes: Buffer.from(content).toString('base64') }))
    const bytes = Buffer.from(root).toString('base64')
    return {
      name: `${as}@1.0.0`,
      version,
      contract: cid,
      service,
      commit: null,
      root: bytes,
      files,
      network: /^[a-z]+\.land\//.test(as) ? networkIn(invite ?? INVITE) : null,
      warnings: [],
    }
  }
  const run = (...args: string[]): Promise<Ended> => amigoHere(['import', ...args, '--home', fixture.home])
  const text = (path: string): Promise<string> => readFile(join(home.path, path), 'utf8')

  beforeEach(async () => {
    home = await tempFolder('amigos-import')
    await writeFile(join(home.path, 'amigo.yaml'), 'name: mine\nversion: 0.1.0\n')
    fixture = await startServer({ contract })
    found = OLD
    as = NAME
    gone = []
    asked = []
    invites = []
  })
  afterEach(async () => {
    await fixture.end()
    await home.remove()
  })

  it('says what it wrote, and how to go on', async () => {
    const { code, out, err } = await run(NAME, home.path)
    assert.equal(code, 0, err)
    assert.match(out, /Imported alice\.amigos\.net\/forum 0\.1\.0/)
    assert.match(out, /mode +live, range \^0\.1/)
    assert.match(err, /import \{ \.\.\. \} from 'alice\.amigos\.net\/forum'/)
    assert.deepEqual((await readdir(home.path)).sort(), ['.amigo', 'amigo.lock', 'amigo.yaml', 'tsconfig.json'])
    assert.deepEqual(asked, [NAME])
  })

  it('takes the range that the code says, wherever that is', async () => {
    await mkdir(join(home.path, 'lib'))
    await writeFile(join(home.path, 'mine.ts'), "export { one } from './lib/one.ts'")
    const one = (...ranges: string[]): Promise<void> =>
      writeFile(join(home.path, 'lib/one.ts'), ranges.map((range) => `import '${NAME}${range}'\n`).join(''))
    const range = async (...args: string[]): Promise<unknown> => {
      await writeFile(join(home.path, 'amigo.yaml'), 'name: mine\nversion: 0.1.0\n')
      const { out, err } = await run(...args, home.path, '--json')
      return out === '' ? err : JSON.parse(out).range
    }
    await one('@0')
    assert.deepEqual([await range(NAME), await range('alice/forum'), await range(`${NAME}@~0.1`)], ['0', '0', '~0.1'])
    await one('@0', '', '@0')
    assert.equal(await range(NAME), '0')
    for (const ranges of [[''], ['@0', '@^0.1'], ['@newest'], []]) {
      await one(...ranges)
      assert.equal(await range(NAME), '^0.1', ranges.join(' and '))
    }
    await writeFile(join(home.path, 'lib/one.ts'), 'what is this? {')
    assert.equal(await range(NAME), '^0.1')
    await rm(join(home.path, 'mine.ts'))
    assert.equal(await range(NAME), '^0.1')
  })

  it('leaves the tsconfig.json of others alone, and says what it has to extend', async () => {
    await writeFile(join(home.path, 'tsconfig.json'), '{}')
    assert.match((await run(NAME, home.path)).err, /let tsconfig\.json extend \.\/\.amigo\/tsconfig\.json/)
    assert.equal(await text('tsconfig.json'), '{}')
  })

  it('asks nobody for what is there', async () => {
    await run(NAME, home.path)
    const again = await run(NAME, home.path, '--json')
    assert.equal(JSON.parse(again.out).contract, OLD.contract)
    assert.deepEqual(asked, [NAME])
    // another mode is another wish
    await run(NAME, home.path, '--mode', 'code')
    assert.match(await text('amigo.yaml'), /mode: code/)
    assert.deepEqual(asked, [NAME, `${NAME}@^0.1`])
  })

  it('writes again what was edited in the lock, and drops what amigo.yaml does not have', async () => {
    await run(NAME, home.path)
    const lock = await text('amigo.lock')
    const other = lock.slice(lock.indexOf(`  "${NAME}"`)).replaceAll(NAME, 'bob.amigos.net/forum')
    await writeFile(join(home.path, 'amigo.lock'), (lock + other).replace('version: "0.1.0"', 'version: "0.1.1"'))
    found = NEW
    assert.equal((await run(NAME, home.path)).code, 0)
    assert.match(await text('amigo.lock'), new RegExp(NEW.contract))
    assert.doesNotMatch(await text('amigo.lock'), /bob/)
  })

  it('shows what an update breaks, and takes it only by force', async () => {
    await run(NAME, home.path)
    found = NEW
    const lock = await text('amigo.lock')
    const refused = await run(NAME, home.path, '--update')
    assert.equal(refused.code, 5)
    assert.match(refused.err, /forum: add: n took a number and now takes a string/)
    assert.match(refused.err, /\n {2}- call add\(n: number\): number\n {2}\+ call add\(n: string\): number\n/)
    assert.match(refused.err, /--force/)
    assert.equal(await text('amigo.lock'), lock)
    const forced = await run(NAME, home.path, '--update', '--force')
    assert.equal(forced.code, 0)
    assert.match(forced.err, /add: n took a number and now takes a string/)
    assert.match(await text('amigo.lock'), new RegExp(NEW.contract))
    // what nothing needs any more is gone
    assert(!(await readdir(join(home.path, '.amigo'))).some((name) => name.includes(OLD.contract)))
  })

  it('shows what is new in a version that breaks nothing', async () => {
    await run(NAME, home.path)
    found = MORE
    const { code, out } = await run(NAME, home.path, '--update')
    assert.equal(code, 0)
    assert.match(out, /forum 0\.1\.0 -> 0\.1\.0\n {2}\+ call more\(\): void\n/)
    assert.equal(JSON.parse((await run(NAME, home.path, '--update', '--json')).out).changes.length, 0)
  })

  it('says that a name stands for another service now, which no interface shows', async () => {
    await run(NAME, home.path)
    const other = (await cborCid(new Uint8Array([9]))).toString()
    found = { ...OLD, service: other }
    const { code, err } = await run(NAME, home.path, '--update')
    assert.equal(code, 0)
    assert.match(err, new RegExp(`forum is another service now, .*${other}, until now ${OLD.service}`))
    assert.doesNotMatch((await run(NAME, home.path, '--update')).err, /another service/)
  })

  it('imports nothing by a CID, and asks nobody for it', async () => {
    const { code, err } = await run(String(OLD.service), home.path)
    assert.equal(code, 2)
    assert.match(err, /An import has a name/)
    assert.deepEqual(asked, [])
  })

  it('is shown by build with what it brings along', async () => {
    const low = await fetched({ name: 'carol.amigos.net/low', mode: 'code' }, { 'main.ts': 'export const low = 1' })
    const text = await fetched(
      { name: 'carol.amigos.net/text', mode: 'code' },
      { 'main.ts': "import { low } from 'carol.amigos.net/low'\nexport const one = (): number => low" },
      [low],
    )
    await inImporting({ 'main.ts': "export { one } from 'carol.amigos.net/text'" }, [text], async (dir) => {
      const { code, out, err } = await amigoHere(['build', dir])
      assert.equal(code, 0, err)
      assert.match(
        out,
        /\n {2}code {2}carol\.amigos\.net\/text 0\.1\.0 *\n {2}code {2}carol\.amigos\.net\/low 0\.1\.0 {2}imported by one of those\n/,
      )
    })
  })

  it('says of a newer version that the range keeps out, and does not take it', async () => {
    await run(NAME, home.path)
    await fixture.end()
    let version = '2.0.0'
    const resolve = (async () => ({ kind: 'service', version })) as unknown as Implementation['resolve']
    fixture = await startServer({ contract, resolve })
    assert.match(
      (await run(NAME, home.path, '--update')).err,
      /forum 2\.0\.0 is there, which \^0\.1 keeps out.*amigo .*import 'alice\.amigos\.net\/forum@\^2\.0\.0/,
    )
    assert.equal((await run(NAME, home.path)).err.includes('keeps out'), false)
    for (version of ['0.1.7', '0.0.9']) assert.doesNotMatch((await run(NAME, home.path, '--update')).err, /keeps out/)
  })

  it('says which of several imports could not be had', async () => {
    await run(NAME, home.path)
    await rm(join(home.path, '.amigo'), { recursive: true })
    gone = [OLD.contract, `${NAME}@0.1.0`]
    as = 'bob.amigos.net/forum'
    const { code, err } = await run(as, home.path)
    assert.notEqual(code, 0)
    assert.match(err, /error: alice\.amigos\.net\/forum: Nobody gave it/)
  })

  describe('from another network', () => {
    const THERE = 'preview.land/alice/forum'
    const writtenInvite = (yaml: string): string | undefined => /^ {2}preview: (\S+)$/m.exec(yaml)?.[1]
    beforeEach(() => {
      as = THERE
    })

    it('makes no copies', async () => {
      const refused = await run(THERE, home.path, '--mode', 'fork', '--json')
      assert.equal(JSON.parse(refused.out).error.code, 'NAME_NOT_SUPPORTED')
      assert.deepEqual(await readdir(home.path), ['amigo.yaml'])
    })

    for (const mode of ['live', 'code'])
      it(`writes how that is reached: ${mode}`, async () => {
        assert.equal((await run(THERE, home.path, '--mode', mode)).code, 0)
        const yaml = await text('amigo.yaml')
        assert.ok(yaml.includes(`${THERE}: { range: ^0.1, mode: ${mode} }`), yaml)
        assert.equal(writtenInvite(yaml), INVITE)
        assert.ok((await text('amigo.lock')).includes(`network: "${networkIn(INVITE).id}"`))
        const manifest = parseManifest(Buffer.from(yaml))
        const lock = await parseLock(Buffer.from(await text('amigo.lock')), manifest)
        assert.equal(lock[THERE]?.network, networkIn(INVITE).id)
      })

    it('writes that beside other networks, also where its name is what every object has', async () => {
      as = 'constructor.land/alice/forum'
      await writeFile(
        join(home.path, 'amigo.yaml'),
        `${await text('amigo.yaml')}networks: { preview: ${OTHER_INVITE} }\n`,
      )
      assert.equal((await run(as, home.path)).code, 0)
      const { networks } = parseManifest(Buffer.from(await text('amigo.yaml')))
      assert.deepEqual(networks, { preview: OTHER_INVITE, constructor: INVITE })
    })

    it('takes the network of the folder, whatever the node calls so', async () => {
      await writeFile(
        join(home.path, 'amigo.yaml'),
        `${await text('amigo.yaml')}networks: { preview: ${OTHER_INVITE} }\n`,
      )
      assert.equal((await run(THERE, home.path)).code, 0)
      assert.deepEqual(invites, [OTHER_INVITE])
      assert.ok((await text('amigo.lock')).includes(networkIn(OTHER_INVITE).id))
    })

    it('says so where lock and manifest mean different networks', async () => {
      await run(THERE, home.path)
      const yaml = await text('amigo.yaml')
      const [manifest, lock] = [yaml.replace(INVITE, OTHER_INVITE), Buffer.from(await text('amigo.lock'))]
      const parsed = parseLock(lock, parseManifest(Buffer.from(manifest)))
      await assert.rejects(parsed, (error: Error & { code: string; hint: string }) => {
        const [told, wanted] = [networkIn(INVITE).id, networkIn(OTHER_INVITE).id]
        assert.equal(error.code, 'LOCK_INVALID')
        assert.ok(error.message.includes(told) && error.message.includes(wanted), error.message)
        return error.hint.includes(`amigo import ${THERE} --update`)
      })
      await writeFile(join(home.path, 'amigo.yaml'), manifest)
      assert.equal((await run(THERE, home.path, '--update')).code, 0)
      assert.ok((await text('amigo.lock')).includes(networkIn(OTHER_INVITE).id))
      assert.equal(await text('amigo.yaml'), manifest)
    })

    it('gives its types to a program alone', async () => {
      assert.equal((await run(THERE, '--types', join(home.path, 'forum.d.ts'))).code, 0)
      assert.deepEqual((await readdir(home.path)).sort(), ['amigo.yaml', 'forum.d.ts'])
    })
  })

  it('writes nothing where an answer is not what it is called', async () => {
    found = { ...OLD, root: NEW.root }
    assert.equal(JSON.parse((await run(NAME, home.path, '--json')).out).error.code, 'CONTRACT_INVALID')
    found = { ...OLD, sources: NEW.sources }
    assert.equal(JSON.parse((await run(NAME, home.path, '--json')).out).error.code, 'CONTRACT_INVALID')
    assert.deepEqual(await readdir(home.path), ['amigo.yaml'])
  })

  it('leaves lock and manifest as they were where one of them cannot be written', async () => {
    await writeFile(join(home.path, 'amigo.lock'), 'old')
    await mkdir(join(home.path, 'taken/by'), { recursive: true })
    const writing = writeImports(
      home.path,
      [file('.amigo/x', 'new')],
      [file('amigo.lock', 'new'), file('taken', 'new')],
    )
    await assert.rejects(writing, { code: 'FILE_UNWRITABLE' })
    assert.equal(await text('amigo.lock'), 'old')
    assert.deepEqual(await readdir(join(home.path, '.amigo')), ['x'])
  })
})
