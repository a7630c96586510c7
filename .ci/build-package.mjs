// Builds the package that is published: the same files as JavaScript, in the same folders, beside what they read while they run.
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'
import { bundleVendored, VENDORED } from './bundle-vendored.mjs'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const NODE_MAJOR = 24
/** What the virtual machine runs is read as it was written. */
const BOOK = 'daemon/hub/book'
const CLIENT = 'daemon/client'
/** What is read while it runs, and what people read. The examples that are contracts and nothing else are the templates of `amigo init`. */
const COPIED = [
  ...['LICENSE', 'README.md', 'specs/*.md', 'specs/decisions/*.md', `${BOOK}/*`],
  ...['daemon/contract/amigos.d.ts', 'examples/counter/*', 'examples/guestbook/*'],
]

/** @param out folder that is made anew */
export async function buildPackage(out) {
  const sources = globSync(['cli/**/*.{ts,mjs}', '{daemon,protocol,registry}/**/*.ts'], { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.d.ts') && !file.startsWith(`${BOOK}/`))
    .toSorted()
  rmSync(out, { recursive: true, force: true })
  const vendored = await bundleVendored({ root: ROOT, out: join(out, 'vendor') })
  for (const suffix of ['.ts', '.mjs'])
    await toJavaScript(
      sources.filter((file) => extname(file) === suffix),
      { out, suffix: suffix.replace('ts', 'js') },
    )
  writeClientTypes(out)
  for (const file of globSync(COPIED, { cwd: ROOT })) cpSync(join(ROOT, file), join(out, file))
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(vendored), null, 2)}\n`)
}

/** One file for each, whose imports say where the files are now. What holds nothing but types is left out. */
async function toJavaScript(files, { out, suffix }) {
  const { outputFiles } = await build({
    ...{
      entryPoints: files,
      absWorkingDir: ROOT,
      outdir: out,
      outbase: ROOT,
      write: false,
      outExtension: { '.js': suffix },
    },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', charset: 'utf8', treeShaking: false },
    plugins: [{ name: 'elsewhere', setup: (it) => it.onResolve({ filter: /.*/ }, (asked) => elsewhere(asked)) }],
  })
  for (const { path, text } of outputFiles) if (text.trim() !== '') write(path, text)
}

function elsewhere({ path, kind, importer }) {
  if (kind === 'entry-point') return undefined
  if (path.startsWith('.')) return { path: path.replace(/\.ts$/, '.js'), external: true }
  const bundled = VENDORED[path]
  if (bundled === undefined) return { path, external: true }
  const to = relative(dirname(resolve(importer)), join(ROOT, 'vendor', `${bundled}.js`)).replaceAll('\\', '/')
  return { path: to, external: true }
}

/** What editors and tsc read of `amigos/client`. */
function writeClientTypes(out) {
  const read = (name) => readFileSync(join(ROOT, CLIENT, name), 'utf8')
  const declared = ts.transpileDeclaration(read('types.ts'), { fileName: 'types.ts' })
  if (declared.diagnostics.length > 0) throw new Error('the types of the client need more than one file')
  write(join(out, CLIENT, 'types.d.ts'), declared.outputText)
  write(join(out, CLIENT, 'client.d.ts'), read('client.d.ts').replaceAll("'./types.ts'", "'./types.js'"))
}

/** package.json of what is published. @param vendored what the bundled packages need, by name */
function manifest(vendored) {
  const { name, version, description, license, type, exports, bin, dependencies } = readJson(join(ROOT, 'package.json'))
  const kept = Object.entries(dependencies).filter(([dependency]) => VENDORED[dependency] === undefined)
  const all = Object.entries({ ...vendored, ...Object.fromEntries(kept) }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...{ name, version, description, license, type, engines: { node: `>=${NODE_MAJOR}` } },
    exports: JSON.parse(JSON.stringify(exports).replaceAll(/(?<!\.d)\.ts"/g, '.js"')),
    ...{ bin, dependencies: Object.fromEntries(all) },
  }
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
