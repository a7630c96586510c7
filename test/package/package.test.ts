/** The package as it is published: built, packed, unpacked below node_modules, and used there by people and by programs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { forumFolder } from '../client/forum-folder.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
/** Of the archive, in bytes: what is packed by mistake is larger. */
const MAX_PACKED_BYTES = 1 << 20
/** TypeScript that the package holds: sources of contracts, which are read as they are, and types. */
const READ_AS_IT_IS = /^(examples\/(counter|guestbook)\/|daemon\/hub\/book\/)|\.d\.ts$/

describe('the package', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  /** a project that installed it */
  let app: string
  let installed: string
  let archive: string
  let script: string
  let node: RunningNode
  let files: string[]
  let manifest: { version: string; engines: { node: string }; dependencies: object; scripts?: object }

  before(async () => {
    folder = await tempFolder('amigos-package')
    await run(process.execPath, [join(ROOT, '.ci/package.mjs'), folder.path])
    app = join(folder.path, 'app')
    installed = join(app, 'node_modules/amigos')
    await mkdir(installed, { recursive: true })
    archive = globSync(join(folder.path, '*.tgz'))[0]!
    await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1'])
    // nothing of what was built is found by another way
    await rm(join(folder.path, 'amigos'), { recursive: true })
    manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    for (const name of Object.keys(manifest.dependencies)) {
      const place = join(app, 'node_modules', name)
      await mkdir(dirname(place), { recursive: true })
      await symlink(join(ROOT, 'node_modules', name), place)
    }
    await writeFile(join(app, 'package.json'), '{ "type": "module", "private": true }')
    files = globSync('**/*.*', { cwd: installed })
    script = join(installed, 'cli/amigo.mjs')
    node = await startNode(join(folder.path, 'home'), ['--hub'], undefined, script)
  })

  after(async () => {
    await node?.stop()
    await folder?.remove()
  })

  it('holds what it needs, and nothing else', async () => {
    assert.deepEqual(
      files.filter((file) => file.endsWith('.ts') && !READ_AS_IT_IS.test(file)),
      [],
    )
    assert.deepEqual(
      files.filter((file) => /^(test|node_modules)\/|\.test\.[a-z]+$/.test(file) && !file.startsWith('examples/')),
      [],
    )
    assert.ok((await readFile(archive)).length < MAX_PACKED_BYTES)
    // nothing of ours runs when it is installed
    assert.equal(manifest.scripts, undefined)
    assert.equal(manifest.engines.node, '>=24')
  })

  it('imports files that are there, and packages that it names', () => {
    const missing = files
      .filter((file) => /\.m?js$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(installed, file), 'utf8')
        const found = [
          ...text.matchAll(/^(?:import|export|\}) .*?"([^"\n]+)";$|^import "(.+)";$|\bimport\("(.+?)"\)/gm),
        ]
        return found.map((match) => ({ file, path: match[1] ?? match[2] ?? match[3]! }))
      })
      .filter(({ file, path }) =>
        path.startsWith('.')
          ? !existsSync(join(installed, dirname(file), path))
          : !path.startsWith('node:') && !Object.hasOwn(manifest.dependencies, nameIn(path)),
      )
    assert.deepEqual(missing, [])
  })

  it('is the command amigo', async () => {
    assert.equal((await amigo(['--version'], { script })).stdout, `${manifest.version}\n`)
    const made = await amigo(['init', 'hello', '--json'], { script, cwd: app })
    assert.equal(made.code, 0, made.stdout)
    const tested = await amigo(['test', 'hello', '--json'], { script, cwd: app })
    assert.equal(tested.code, 0, tested.stdout + tested.stderr)
    const hello = join(app, 'hello')
    await node.run('publish', hello)
    assert.equal((await node.run('call', 'local.land/_/hello', 'increment', '5'))['result'], 5)
    // the thread that renders, and the book that a hub compiles
    const page = await fetch(new URL('/hello/', node.info.http))
    assert.match(await page.text(), /<strong>5<\/strong>/)
    await node.run('register', 'alice')
    // the same sources are the same contract, whoever built the compiler
    const cid = async (command?: string) =>
      (await amigo(['build', hello, '--json'], command === undefined ? {} : { script: command })).json()['contract']
    assert.equal(typeof (await cid()), 'string')
    assert.equal(await cid(script), await cid())
  })

  it('says what it needs to an older Node, and looks for a new one beside it', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})`
    const version = async () => {
      const ran = run(process.execPath, ['--import', old, script, 'version', '--json'])
      return JSON.parse((await ran.catch((failed: { stdout: string }) => failed)).stdout)
    }
    assert.equal((await version()).error.code, 'NODE_TOO_OLD')
    const beside = join(app, 'node_modules/node')
    await mkdir(join(beside, 'bin'), { recursive: true })
    const setVersion = (number: string) => writeFile(join(beside, 'package.json'), JSON.stringify({ version: number }))
    await symlink(process.execPath, join(beside, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'))
    // to that it would be handed over for ever
    await setVersion('22.3.0')
    assert.equal((await version()).error.code, 'NODE_TOO_OLD')
    await setVersion('24.0.0')
    assert.equal((await version()).version, manifest.version)
  })

  it('is amigos/client for programs in Node', async () => {
    await node.run('serve', await forumFolder(app))
    const program = `
      import { amigo, AmigoError } from 'amigos/client'
      const forum = await amigo.import('local.land/_/forum')
      const post = await forum.createPost('from a program', new Set(['a']))
      const failed = await forum.fail('x').catch((error) => error instanceof AmigoError)
      console.log(JSON.stringify([String(post.id), post.at instanceof Date, failed]))`
    await writeFile(join(app, 'program.js'), program)
    const env = { ...process.env, AMIGO_HOME: node.info.home }
    const { stdout } = await run(process.execPath, ['program.js'], { cwd: app, env })
    assert.deepEqual(JSON.parse(stdout), ['1', true, true])
  })

  it('has types for programs', async () => {
    const program = `
      import { AmigoError, amigo, connect, type Service } from 'amigos/client'
      const forum = await amigo.import<{ add(n: number): number }>('alice/forum')
      export const sum: number = await forum.add(1)
      export const code: string = new AmigoError('X', 'y').code
      export const other: Service<{ f(): Date }> = await connect({ home: '/x' }).import<{ f(): Date }>('x')
      for await (const commit of forum.$subscribe()) commit.time.toISOString()
      // @ts-expect-error a number is needed
      await forum.add('1')`
    await writeFile(join(app, 'typed.ts'), program)
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const common = ['--strict', '--noEmit', '--ignoreConfig', '--skipLibCheck', 'false', '--target', 'es2024']
    const check = (...options: string[]) =>
      run(process.execPath, [tsc, ...common, ...options, 'typed.ts'], { cwd: app })
    await Promise.all([
      check('--module', 'nodenext'),
      check('--module', 'esnext', '--moduleResolution', 'bundler'),
    ]).catch(({ stdout }: { stdout: string }) => assert.fail(stdout))
  })

  it('is amigos/client for browsers', async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: `import { amigo } from 'amigos/client'; globalThis.amigo = amigo`, resolveDir: app },
      ...{ bundle: true, format: 'esm', platform: 'browser', write: false, metafile: true, logLevel: 'silent' },
    })
    const inputs = Object.keys(metafile.inputs).filter((file) => file.includes('node_modules'))
    assert.ok(inputs.length > 0)
    assert.ok(inputs.every((file) => file.includes('node_modules/amigos/daemon/client/')))
    assert.doesNotMatch(outputFiles[0]!.text, /node:/)
  })
})

const nameIn = (path: string): string => /^(@[^/]+\/)?[^/]+/.exec(path)![0]
