import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../../daemon/contract/build.ts'
import { initContract } from '../../daemon/contract/init.ts'
import { amigo } from '../support/amigo.ts'
import { failure, inFolder } from './folder.ts'

/** Runs the tests of a folder as its author would. */
async function testOf(dir: string): Promise<{ code: number; passed: number; failed: number }> {
  const { code, json } = await amigo(['test', dir, '--json'])
  return { code, ...json<{ passed: number; failed: number }>() }
}

describe('init', () => {
  for (const template of ['counter', 'guestbook'])
    it(`makes a ${template} under the folder's name that compiles without warnings and passes its tests`, async () => {
      await inFolder({}, async (root) => {
        const made = await initContract(join(root, 'new', 'My Thing'), { template })
        assert.equal(made.main, 'my-thing.ts')
        const files = ['README.md', 'amigo.yaml', 'amigos.d.ts', 'my-thing.test.ts', 'my-thing.ts']
        assert.deepEqual(made.files, files)
        assert.deepEqual((await readdir(made.dir)).sort(), files)
        const { manifest, warnings, interface: functions } = await build(made.dir)
        assert.deepEqual([manifest.name, manifest.main], ['my-thing', 'my-thing.ts'])
        assert.deepEqual(warnings, [])
        assert.equal(
          functions.every(({ doc }) => doc !== ''),
          true,
        )
        const readme = await readFile(join(made.dir, 'README.md'), 'utf8')
        assert.match(readme, /local\.land\/_\/my-thing/)
        // Commands that work where the user ran `init`, with the folder as the user wrote it.
        assert(readme.includes(`npx amigo publish '${join(root, 'new', 'My Thing')}'\n`), readme)
        assert(readme.includes(`npx amigo test '${join(root, 'new', 'My Thing')}'\n`), readme)
        assert.doesNotMatch(readme, /examples|^amigo/m)
        const { code, passed, failed } = await testOf(made.dir)
        assert.deepEqual([code, failed], [0, 0])
        assert.ok(passed >= 3)
      })
    })

  it('takes the counter when not told otherwise, and its name where the folder has none to give', async () => {
    await inFolder({}, async (root) => {
      for (const name of ['日本', '---', 'con']) assert.equal((await initContract(join(root, name))).main, 'counter.ts')
      const { dir } = await initContract(join(root, 'x'.repeat(100)))
      assert.equal((await build(dir)).manifest.name, 'x'.repeat(64))
    })
  })

  it('makes a folder of which the tests fail when the code is wrong', async () => {
    await inFolder({}, async (root) => {
      const { dir, main } = await initContract(join(root, 'broken'))
      const source = await readFile(join(dir, main), 'utf8')
      await writeFile(join(dir, main), source.replace('count += by', 'count -= by'))
      const { code, failed } = await testOf(dir)
      assert.equal(code, 1)
      assert.ok(failed > 0)
    })
  })

  it('fills an empty folder, and refuses one that is not', async () => {
    await inFolder({}, async (root) => {
      await mkdir(join(root, 'empty'))
      await initContract(join(root, 'empty'))
      await writeFile(join(root, 'empty', 'counter.ts'), 'mine')
      await failure('FOLDER_NOT_EMPTY', () => initContract(join(root, 'empty')))
      await failure('FOLDER_NOT_EMPTY', () => initContract(root))
      assert.equal(await readFile(join(root, 'empty', 'counter.ts'), 'utf8'), 'mine')
    })
  })

  it('refuses unknown templates, those outside the examples too, and leaves nothing behind', async () => {
    await inFolder({}, async (root) => {
      for (const template of ['none', '..', '../daemon', '', 'counter/../guestbook']) {
        const { hint } = await failure('TEMPLATE_UNKNOWN', () => initContract(join(root, 'new'), { template }))
        assert.match(hint, /counter, guestbook/)
      }
      assert.deepEqual(await readdir(root), ['amigo.yaml'])
    })
  })

  it('leaves nothing behind where it cannot write', async () => {
    await inFolder({ file: '' }, async (root) => {
      await failure('FOLDER_NOT_WRITABLE', () => initContract(join(root, 'file', 'new')))
      // Linux takes paths of 4095 bytes: the folder and two of its files can be made, the third cannot. Others refuse the folder.
      let deep = root
      while (deep.length < 4084 - 2) deep = join(deep, 'd'.repeat(Math.min(200, 4084 - 1 - deep.length)))
      await failure('FOLDER_NOT_WRITABLE', () => initContract(deep))
      assert.deepEqual((await readdir(root)).sort(), ['amigo.yaml', 'file'])
    })
  })

  it('gives the same types of the engine to every example', async () => {
    const read = (name: string) => readFile(new URL(`../../examples/${name}/amigos.d.ts`, import.meta.url), 'utf8')
    assert.equal(await read('counter'), await read('guestbook'))
    assert.equal(await read('counter'), await read('amigoified-blog'))
    const types = new URL('../../daemon/contract/amigos.d.ts', import.meta.url)
    assert.equal(await read('counter'), await readFile(types, 'utf8'))
  })
})
