// The packages that the published package brings along instead of depending on them. See specs/package.md.
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

/**
 * By name, and where each is below vendor/. They are those whose own dependencies the checkout overrides: overrides count at the root of
 * an installation alone, and whoever installs Amigos is another root.
 */
export const VENDORED = {
  helia: 'helia',
  '@helia/bitswap': 'bitswap',
  '@chainsafe/libp2p-noise': 'noise',
}

/** @returns what they share with the rest, as dependencies: the versions that they are tested with, and newer ones that are compatible */
export async function bundleVendored({ root, out }) {
  const shared = {}
  const share = (it) =>
    it.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      const name = path.match(/^(@[^/]+\/)?[^/]+/)[0]
      if (pluginData?.isAsked || kind === 'entry-point') return undefined
      if (name.startsWith('node:')) return { path, external: true }
      const { path: file } = await it.resolve(path, { kind, resolveDir, pluginData: { isAsked: true } })
      const folder = packageOf(file)
      // a version of its own comes along, too
      const isShared = folder === realpathSync(join(root, 'node_modules', name))
      if (!isShared || name in VENDORED || name.startsWith('@helia/')) return { path: file }
      shared[name] = `^${manifestOf(folder).version}`
      return { path, external: true }
    })
  const { metafile } = await build({
    ...{ entryPoints: Object.entries(VENDORED).map(([name, file]) => ({ in: name, out: file })), outdir: out },
    ...{ absWorkingDir: root, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{
      charset: 'utf8',
      legalComments: 'none',
      metafile: true,
      chunkNames: 'shared-[hash]',
      plugins: [{ name: 'share', setup: share }],
    },
  })
  writeFileSync(join(out, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs).map((file) => join(root, file))))
  return shared
}

/** The folder of the package that a file belongs to. */
function packageOf(file) {
  const folder = dirname(file)
  const path = join(folder, 'package.json')
  // those that only say which kind of modules is in a folder have no name
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).name ? folder : packageOf(folder)
}

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function licencesOf(files) {
  const manifests = [...new Set(files.map(packageOf))].toSorted().map((folder) => ({ ...manifestOf(folder), folder }))
  // what the checkout puts in the place of others is our own
  const others = manifests.filter((it) => it.private !== true)
  return others.map(licenceOf).join('\n')
}

function licenceOf({ name, version, license, homepage, folder }) {
  const texts = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file))
  const all = texts.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return `${[`${name} ${version}, ${license}, ${homepage}`, ...all].join('\n\n')}\n`
}
