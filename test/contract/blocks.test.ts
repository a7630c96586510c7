import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { identity } from 'multiformats/hashes/identity'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import { isBoundedCbor } from '../../daemon/contract/cbor-bounds.ts'
import { MAX_ROOT_BYTES } from '../../daemon/contract/constants.ts'
import { decodeContract } from '../../daemon/contract/decode.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { DEFAULT_LIMITS } from '../../daemon/contract/limits.ts'
import type { Access, BuiltContract, ExportedFunction, ValueType } from '../../daemon/contract/types.ts'
import { links } from '../../daemon/store/links.ts'
import { failure } from './folder.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const TYPES: ValueType[] = [
  { kind: 'any' },
  { kind: 'literal', value: -1.5 },
  { kind: 'literal', value: 'a' },
  { kind: 'union', of: [{ kind: 'null' }, { kind: 'array', items: { kind: 'bytes' } }] },
  { kind: 'object', fields: [{ name: '__proto__', type: { kind: 'date' }, optional: true }] },
  { kind: 'map', keys: { kind: 'string' }, values: { kind: 'set', items: { kind: 'bigint' } } },
  { kind: 'record', values: { kind: 'void' } },
]
const fn: ExportedFunction = {
  name: 'f',
  kind: 'query',
  params: TYPES.map((type, i) => ({ name: `p${i}`, text: 'T', type, optional: false, rest: false })),
  returns: 'void',
  result: { kind: 'object', fields: [{ name: 'a', type: { kind: 'void' }, optional: true }] },
  doc: 'What it does.\nMore.',
}
const USER = `k51${'a'.repeat(59)}`
const ACCESS: Access = { call: 'public', query: [USER], history: 'owner', functions: { f: [] } }
const BLOCK = CID.createV1(dagCbor.code, await sha256.digest(text('a commit')))
const PINNED = { version: '1.2.3', contract: BLOCK }
const BUILT: BuiltContract = {
  manifest: {
    name: 'a',
    version: '1.0.0',
    main: 'a.ts',
    description: 'd',
    tags: ['t'],
    access: ACCESS,
    limits: DEFAULT_LIMITS,
    imports: {
      'alice.amigos.net/forum': { range: '^1.2', mode: 'live' },
      'bob.amigos.net/comments': { range: '1', mode: 'fork' },
      'carol.amigos.net/text': { range: '*', mode: 'code' },
    },
  },
  sources: [
    { path: 'a.ts', content: text('export function f(): void {}') },
    { path: 'amigo.yaml', content: text('name: a') },
    { path: 'b/c.json', content: text('name: a') },
    { path: 'npm/@a/b@0.1.0/index.js', content: text('name: a') },
  ],
  module: text('export function f() {}'),
  interface: [fn],
  init: null,
  imports: [
    { ...PINNED, name: 'alice.amigos.net/forum', range: '^1.2', mode: 'live', service: BLOCK, functions: [fn] },
    {
      ...PINNED,
      name: 'bob.amigos.net/comments',
      range: '1',
      mode: 'fork',
      service: BLOCK,
      commit: BLOCK,
      functions: [],
    },
    { ...PINNED, name: 'carol.amigos.net/text', range: '*', mode: 'code' },
  ],
  bundle: [
    { kind: 'code', name: 'carol.amigos.net/text', version: '1.2.3', contract: BLOCK, path: 'b' },
    { kind: 'npm', name: '@a/b', version: '0.1.0', license: 'MIT', path: 'npm/@a/b@0.1.0' },
  ],
  warnings: [],
}

/** Decodes a root of these bytes under the CID they have. */
async function decodeBytes(bytes: Uint8Array): Promise<unknown> {
  const cid = CID.createV1(dagCbor.code, await sha256.digest(bytes))
  return decodeContract(cid, async () => bytes)
}

type Root = Record<string, unknown> & {
  manifest: Record<string, unknown>
  interface: unknown[]
  imports: Record<string, unknown>[]
  bundle: Record<string, unknown>[]
  sources: { path: string; content: CID }[]
}

/** The valid root, after somebody has been at it. */
async function changed(change: (root: Root) => void): Promise<Uint8Array> {
  const { blocks } = await encodeContract(BUILT)
  const root = dagCbor.decode<Root>(blocks[0]!.bytes)
  change(root)
  return dagCbor.encode(root)
}

describe('blocks', () => {
  it('reads back what it wrote', async () => {
    const { cid, blocks } = await encodeContract(BUILT)
    const known = new Map(blocks.map((block) => [block.cid.toString(), block.bytes]))
    assert.equal(blocks[0]?.cid.toString(), cid.toString())
    const contract = await decodeContract(cid, async (wanted) => known.get(wanted.toString())!)
    assert.deepEqual(contract.manifest, BUILT.manifest)
    assert.deepEqual(contract.interface, BUILT.interface)
    assert.deepEqual(contract.imports, BUILT.imports)
    assert.deepEqual(contract.bundle, BUILT.bundle)
    assert.deepEqual(known.get(contract.module.toString()), BUILT.module)
    for (const [index, { path, cid: link }] of contract.sources.entries()) {
      assert.equal(path, BUILT.sources[index]?.path)
      assert.deepEqual(known.get(link.toString()), BUILT.sources[index]?.content)
    }
    // Two of the sources are equal, and stored once.
    assert.equal(blocks.length, 4)
  })

  it('leads whoever fetches it to its own blocks alone', async () => {
    const { cid, blocks } = await encodeContract(BUILT)
    const found = links(cid, blocks[0]!.bytes).map(String).sort()
    assert.deepEqual(
      found,
      blocks
        .slice(1)
        .map((block) => block.cid.toString())
        .sort(),
    )
  })

  it('refuses to write a root that nobody would read', async () => {
    const large = Array.from({ length: 100 }, (_, i) => ({ ...fn, name: `f${i}`, doc: 'x'.repeat(4000) }))
    await failure('CONTRACT_TOO_LARGE', () => encodeContract({ ...BUILT, interface: large }))
  })

  const hostile: Record<string, (root: Root) => void> = {
    'another kind': (root) => {
      root['amigos'] = 'commit'
    },
    'another version': (root) => {
      root['v'] = 2
    },
    'one more key': (root) => {
      root['more'] = 1
    },
    'a key less': (root) => {
      delete root['module']
    },
    'a module that is no link': (root) => {
      root['module'] = 'x'
    },
    'a module by another hash': (root) => {
      root['module'] = CID.createV1(raw.code, identity.digest(text('x')))
    },
    'a module of another codec': (root) => {
      root['module'] = CID.createV1(dagCbor.code, root.sources[0]!.content.multihash)
    },
    'a bad name': (root) => {
      root.manifest['name'] = '../a'
    },
    'a bad version': (root) => {
      root.manifest['version'] = '1'
    },
    'a description that is no text': (root) => {
      root.manifest['description'] = 1
    },
    'an escape sequence in the description': (root) => {
      root.manifest['description'] = '\u001b[2J'
    },
    'main that is not among the sources': (root) => {
      root.manifest['main'] = 'z.ts'
    },
    'an interface that is no list': (root) => {
      root['interface'] = {} as unknown[]
    },
    'a function twice': (root) => {
      root.interface.push(fn)
    },
    'a function of another kind': (root) => {
      root.interface[0] = { ...fn, kind: 'magic' }
    },
    'a name with control characters': (root) => {
      root.interface[0] = { ...fn, name: 'a\u0007' }
    },
    'a type that is none': (root) => {
      root.interface[0] = { ...fn, params: [{ ...fn.params[0], type: { kind: 'toString' } }] }
    },
    'a type with more to it': (root) => {
      root.interface[0] = { ...fn, params: [{ ...fn.params[0], type: { kind: 'any', x: 1 } }] }
    },
    'a literal that is no value': (root) => {
      root.interface[0] = { ...fn, params: [{ ...fn.params[0], type: { kind: 'literal', value: null } }] }
    },
    'an import that the manifest does not have': (root) => {
      root.imports[0]!['name'] = 'zoe.amigos.net/forum'
    },
    'an import of another range than the manifest': (root) => {
      root.imports[0]!['range'] = '^1.3'
    },
    'an import of another mode than the manifest': (root) => {
      root.imports[2]!['mode'] = 'live'
    },
    'an import less than the manifest has': (root) => {
      root.imports.pop()
    },
    'imports out of order': (root) => {
      root.imports.reverse()
    },
    'an import of a file': (root) => {
      root.imports[0]!['contract'] = root.sources[0]!.content
    },
    'a fork without a commit': (root) => {
      delete root.imports[1]!['commit']
    },
    'code with a service': (root) => {
      root.imports[2]!['service'] = BLOCK
    },
    'an import with a function twice': (root) => {
      root.imports[0]!['functions'] = [fn, fn]
    },
    'a mode that is none': (root) => {
      root.imports[0]!['mode'] = 'toString'
    },
    'the name of an import that is none': (root) => {
      root.manifest['imports'] = { 'https://alice/forum': { range: '*', mode: 'live' } }
    },
    'more imports than there may be': (root) => {
      const rule = { range: '*', mode: 'code' }
      const names = Array.from({ length: 65 }, (_, i) => `bob.amigos.net/x${i + 10}`)
      root.manifest['imports'] = Object.fromEntries(names.map((name) => [name, rule]))
      root.imports = names.map((name) => ({ ...rule, name, version: '1.0.0', contract: BLOCK }))
    },
    'a bundle out of order': (root) => {
      root.bundle.reverse()
    },
    'something bundled without files': (root) => {
      root.bundle[0]!['path'] = 'a'
    },
    'something bundled from elsewhere': (root) => {
      root.bundle[0]!['path'] = '../b'
    },
    'a package that is none': (root) => {
      root.bundle[1]!['name'] = '../b'
    },
    'an escape sequence in a licence': (root) => {
      root.bundle[1]!['license'] = '\u001b[2J'
    },
    'sources out of order': (root) => {
      root.sources.reverse()
    },
    'a source twice': (root) => {
      root.sources.splice(1, 0, root.sources[0]!)
    },
    'sources without a manifest': (root) => {
      root.sources = root.sources.filter(({ path }) => path !== 'amigo.yaml')
    },
    'names that differ in case': (root) => {
      root.sources.unshift({ ...root.sources[0]!, path: 'A.ts' })
    },
    'a file that is a folder': (root) => {
      root.sources.splice(1, 0, { ...root.sources[0]!, path: 'a.ts/b.ts' })
    },
  }
  for (const [what, change] of Object.entries(hostile))
    it(`refuses ${what}`, async () => {
      await failure('CONTRACT_INVALID', async () => decodeBytes(await changed(change)))
    })

  it('refuses paths that must not be written to a disk', async () => {
    const paths = [
      '../x.ts',
      '/x.ts',
      'a/../../x.ts',
      'a\\x.ts',
      'C:x.ts',
      '.git/x.js',
      'x\n.ts',
      'x\0.ts',
      'é.ts',
      'nul.ts',
      'x.ts.',
      'a//x.ts',
      'x.sh',
      'Makefile',
    ]
    for (const path of paths) {
      const bytes = await changed((root) => {
        root.sources = [...root.sources, { ...root.sources[0]!, path }].sort((a, b) => (a.path < b.path ? -1 : 1))
      })
      await failure('CONTRACT_INVALID', () => decodeBytes(bytes))
    }
  })

  it('refuses bytes that are not those of the CID, and CIDs of another kind', async () => {
    const { cid, blocks } = await encodeContract(BUILT)
    await failure('CONTRACT_INVALID', () => decodeContract(cid, async () => blocks[1]!.bytes))
    await failure('CONTRACT_INVALID', () => decodeContract(blocks[1]!.cid, async () => blocks[1]!.bytes))
    const other = CID.createV1(dagCbor.code, await sha512.digest(blocks[0]!.bytes))
    await failure('CONTRACT_INVALID', () => decodeContract(other, async () => blocks[0]!.bytes))
  })

  it('refuses other encodings of the same value', async () => {
    const { blocks } = await encodeContract(BUILT)
    const bytes = blocks[0]!.bytes
    // v: 1, in two bytes where one is enough
    const at = bytes.findIndex((byte, i) => byte === 0x61 && bytes[i + 1] === 0x76 && bytes[i + 2] === 1)
    await failure('CONTRACT_INVALID', () =>
      decodeBytes(Uint8Array.of(...bytes.subarray(0, at + 2), 0x18, 1, ...bytes.subarray(at + 3))),
    )
    await failure('CONTRACT_INVALID', () => decodeBytes(Uint8Array.of(...bytes, 0)))
  })

  it('refuses what is large, deep or many before it decodes', async () => {
    await failure('CONTRACT_INVALID', () => decodeBytes(new Uint8Array(MAX_ROOT_BYTES + 1)))
    await failure('CONTRACT_INVALID', () => decodeBytes(new Uint8Array(MAX_ROOT_BYTES).fill(0x81)))
    await failure('CONTRACT_INVALID', () => decodeBytes(Uint8Array.of(0x9b, 0, 0, 0, 1, 0, 0, 0, 0)))
    await failure('CONTRACT_INVALID', () => decodeBytes(Uint8Array.of(0x9f, 0xff)))
    await failure('CONTRACT_INVALID', () => decodeBytes(new Uint8Array()))
  })

  it('passes on why a block could not be had', async () => {
    const { cid } = await encodeContract(BUILT)
    const reason = new Error('offline')
    await assert.rejects(
      decodeContract(cid, () => Promise.reject(reason)),
      reason,
    )
  })

  it('never fails in another way, whatever a byte becomes', async () => {
    const { blocks } = await encodeContract(BUILT)
    const { bytes } = blocks[0]!
    const positions = fc.integer({ min: 0, max: bytes.length - 1 })
    await fc.assert(
      fc.asyncProperty(positions, fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const altered = bytes.slice()
        altered[at] = altered[at]! ^ difference
        await decodeBytes(altered).catch((error: { code?: string }) =>
          assert.equal(error.code, 'CONTRACT_INVALID', String(error)),
        )
      }),
    )
  })

  it('counts items and depth as the decoder would', () => {
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.integer(),
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.uint8Array(),
        fc.constantFrom(null, true),
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree')),
      ),
    }))
    const measure = (value: unknown): { depth: number; items: number } => {
      const inner = Array.isArray(value)
        ? value
        : typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
          ? Object.entries(value).flat()
          : []
      const all = inner.map(measure)
      return {
        depth: 1 + Math.max(0, ...all.map(({ depth }) => depth)),
        items: 1 + all.reduce((sum, { items }) => sum + items, 0),
      }
    }
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = dagCbor.encode(value)
        const { depth, items } = measure(value)
        assert.equal(isBoundedCbor(bytes, { maxDepth: depth, maxItems: items }), true)
        assert.equal(isBoundedCbor(bytes, { maxDepth: depth - 1, maxItems: items }), false)
        assert.equal(isBoundedCbor(bytes, { maxDepth: depth, maxItems: items - 1 }), false)
        assert.equal(isBoundedCbor(bytes.subarray(0, -1), { maxDepth: depth, maxItems: items }), false)
      }),
    )
  })
})
