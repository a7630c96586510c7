/** How a contract says by which invite a network is reached that its imports name. */
import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { stringify } from 'yaml'
import { build } from '../../daemon/contract/build.ts'
import { decodeContract } from '../../daemon/contract/decode.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import type { FetchedImport } from '../../daemon/contract/linking/import-files.ts'
import { parseManifest } from '../../daemon/contract/manifest.ts'
import type { BuiltContract, ImportMode } from '../../daemon/contract/types.ts'
import { emptyNetwork, inviteTo } from '../support/invite.ts'
import { failure, MANIFEST } from './folder.ts'
import { fetched, inImporting } from './importing.ts'

const THERE = 'preview.land/alice/forum'
const STAGE = emptyNetwork('stage')
const INVITE = inviteTo(STAGE)
const MAIN = `import { add } from '${THERE}'\nexport async function more(): Promise<number> { return add(1) }`
const FORUM = { 'main.ts': 'export function add(n: number): number { return n }' }

const yamlOf = (mode: ImportMode, networks?: object): string =>
  MANIFEST + stringify({ imports: { [THERE]: { mode } }, ...(networks && { networks }) })
const importing = async <T>(yaml: string, found: FetchedImport, use: (dir: string) => Promise<T>): Promise<T> =>
  inImporting({ 'amigo.yaml': yaml, 'main.ts': MAIN }, [found], use)
const pinned = async (mode: ImportMode, network?: string): Promise<FetchedImport> => ({
  ...(await fetched({ name: THERE, mode }, FORUM)),
  ...(network !== undefined && { network }),
})

describe('the networks of a contract', () => {
  const read = (networks: unknown) => parseManifest(Buffer.from(MANIFEST + stringify({ networks }))).networks

  it('are read in the form that an invite has, however it was put there', () => {
    assert.deepEqual(read({ preview: INVITE }), { preview: INVITE })
    const split = `${INVITE.slice(0, 20).toUpperCase()}\n${INVITE.slice(20)}`
    assert.deepEqual(read({ preview: split }), { preview: INVITE })
    assert.equal(read({}), undefined)
  })

  const WRONG: Record<string, unknown> = {
    'no list': ['preview'],
    'no invite': { preview: 'bafy' },
    'half an invite': { preview: INVITE.slice(0, -5) },
    'an invite in parts': { preview: [INVITE] },
    'the node itself': { local: INVITE },
    'no name of a network': { 'alice.preview': INVITE },
    'a name in capitals': { Preview: INVITE },
    'more than anybody asks': Object.fromEntries(['aa', 'bb', 'cc', 'dd', 'ee'].map((name) => [name, INVITE])),
  }
  for (const [what, networks] of Object.entries(WRONG))
    it(`are refused: ${what}`, () => failure('MANIFEST_INVALID', () => read(networks)))

  it('stand in the block where imports name them, and nowhere else', async () => {
    const live = await pinned('live', STAGE.id)
    const named = yamlOf('live', { preview: INVITE, other: INVITE })
    const built = await importing(named, live, (dir) => build(dir))
    assert.deepEqual(built.manifest.networks, { preview: INVITE })
    assert.deepEqual(built.warnings, ['amigo.yaml: no import is on the network other'])
    const { cid, blocks } = await encodeContract(built)
    const read = await decodeContract(cid, async () => blocks[0]!.bytes)
    assert.deepEqual(read.manifest, built.manifest)
    const without = await importing(yamlOf('code'), await pinned('code'), (dir) => build(dir))
    assert.equal('networks' in without.manifest, false)
  })

  it('are needed by what is called', async () => {
    const refused = failure('BUILD_FAILED', async () =>
      importing(yamlOf('live'), await pinned('live'), (dir) => build(dir)),
    )
    const [problem] = (await refused).problems
    assert.equal(problem!.file, 'amigo.yaml')
    assert.match(problem!.hint, /networks: \{ preview: amigo1\.\.\. \}/)
  })

  it('give no copies', async () => {
    const fork = await pinned('fork', STAGE.id)
    const yaml = yamlOf('fork', { preview: INVITE })
    const { problems } = await failure('BUILD_FAILED', () => importing(yaml, fork, (dir) => build(dir)))
    assert.match(problems[0]!.reason, /cannot be a fork/)
  })

  const LOCKS: Record<string, [string | undefined, object | undefined]> = {
    'that pins another': [emptyNetwork('other').id, { preview: INVITE }],
    'that pins none': [undefined, { preview: INVITE }],
    'that pins one where amigo.yaml has none': [STAGE.id, undefined],
  }
  for (const [what, [network, networks]] of Object.entries(LOCKS))
    it(`do not go with a lock ${what}`, async () => {
      const found = await pinned('code', network)
      const { message } = await failure('LOCK_INVALID', () =>
        importing(yamlOf('code', networks), found, (dir) => build(dir)),
      )
      assert.ok(message.includes(`network of ${THERE}`), message)
    })

  describe('in a block of a stranger', () => {
    let built: BuiltContract
    before(async () => {
      const live = await pinned('live', STAGE.id)
      built = await importing(yamlOf('live', { preview: INVITE }), live, (dir) => build(dir))
    })
    const decoded = async (change: (manifest: Record<string, unknown>) => void) => {
      const { blocks } = await encodeContract(built)
      const root = dagCbor.decode<{ manifest: Record<string, unknown> }>(blocks[0]!.bytes)
      change(root.manifest)
      const bytes = dagCbor.encode(root)
      const cid = CID.createV1(dagCbor.code, await sha256.digest(bytes))
      return decodeContract(cid, async () => bytes)
    }

    it('are taken as they are', async () => {
      assert.deepEqual((await decoded(() => undefined)).manifest.networks, { preview: INVITE })
    })

    const LIES: Record<string, unknown> = {
      'an invite in capitals': { preview: INVITE.toUpperCase() },
      'half an invite': { preview: INVITE.slice(0, -5) },
      'bytes for an invite': { preview: Buffer.from(INVITE) },
      'one that no import is on': { preview: INVITE, other: INVITE },
      'none that is needed': { other: INVITE },
      'none at all': {},
      'no map': [INVITE],
      'more than anybody asks': Object.fromEntries(['preview', 'bb', 'cc', 'dd', 'ee'].map((name) => [name, INVITE])),
    }
    for (const [what, networks] of Object.entries(LIES))
      it(`are refused: ${what}`, () =>
        failure('CONTRACT_INVALID', () =>
          decoded((manifest) => {
            manifest['networks'] = networks
          }),
        ))
    it('are refused: left out', () =>
      failure('CONTRACT_INVALID', () =>
        decoded((manifest) => {
          delete manifest['networks']
        }),
      ))
  })
})
