/** Imports from other networks as they are drawn: with the names that they have here, and not down because they are elsewhere. */
import assert from 'node:assert/strict'
import type { Dependency } from '../../daemon/api/vocabulary.ts'
import { CallsError } from '../../daemon/calls/errors.ts'
import { createLookAbroad, unknownImport } from '../../daemon/calls/graph/import-abroad.ts'
import type { Room } from '../../daemon/calls/graph/walk.ts'
import { type Abroad, type Outpost, placeOf } from '../../daemon/calls/tree/abroad.ts'
import { blockNamed } from '../../daemon/contract/shape.ts'
import type { ContractImport } from '../../daemon/contract/types.ts'
import { SERVICE } from '../contract/importing.ts'
import { emptyNetwork, inviteTo } from '../support/invite.ts'

const THERE = 'preview.land/alice/forum'
const STAGE = emptyNetwork('stage')
const networks = { preview: inviteTo(STAGE) }
const own = emptyNetwork('own')
const cid = blockNamed(SERVICE)!
const pin: ContractImport = {
  ...{ name: THERE, range: '^1', mode: 'live', version: '1.0.0', contract: cid, service: cid, functions: [] },
}
const place = placeOf(THERE, { networks }, own)
const from = {
  contract: { cid, imports: [pin], bundle: [], manifest: { networks } as never },
  service: cid,
  host: 'me',
}
const signal = new AbortController().signal

const item = (name: string, mode: Dependency['mode'] = 'live', dependencies: Dependency[] = []): Dependency => ({
  ...unknownImport({ ...pin, name }, null),
  ...{ mode, up: true, ms: 3, dependencies },
})

describe('an import from another network, drawn', () => {
  let isMissed: boolean
  let room: number
  beforeEach(() => {
    isMissed = false
    room = 10
  })
  const look = (
    abroad: Abroad | Outpost['dependencies'],
    options: { isAbroad?: boolean; deadline?: AbortSignal } = {},
  ): Promise<Dependency> => {
    const work: Abroad = options.isAbroad
      ? (abroad as Abroad)
      : (_invite, _options, ask) => ask({ dependencies: abroad } as Outpost)
    const miss = (): void => {
      isMissed = true
    }
    const taking = { take: (count: number) => Math.min(count, room), miss } as Room
    const wanted = { pin, place: { ...place, abroad: place.abroad! }, from, depth: 2, byInvite: true }
    return createLookAbroad(work)(wanted, taking, options.deadline ?? signal)
  }

  it('is looked up by the name that it has there', () => {
    assert.equal(place.name, 'alice.example.org/forum')
    assert.equal(place.abroad?.network.id, STAGE.id)
    assert.deepEqual(placeOf(THERE, { networks }, STAGE), { name: 'alice.example.org/forum' }, 'its own network')
    assert.deepEqual(placeOf('bob.amigos.net/x', { networks }, own), { name: 'bob.amigos.net/x' })
  })

  it('has the names of here, with all below it', async () => {
    const below = [
      item('carol.example.org/stock'),
      item('local.land/_/near'),
      item('lodash', 'npm'),
      item('home.land/bob/blog'),
    ]
    let asked: string[] = []
    const answer: Outpost['dependencies'] = async ({ contract, service }, { depth }) => {
      asked = [...contract.imports.map(({ name }) => name), String(service), String(depth)]
      return { dependencies: [item(place.name, 'live', below)], more: false }
    }
    const found = await look(answer)
    assert.deepEqual(asked, ['alice.example.org/forum', String(cid), '2'])
    assert.deepEqual([found.name, found.up, found.ms], [THERE, true, 3])
    const names = found.dependencies.map(({ name }) => name)
    assert.deepEqual(names, ['preview.land/carol/stock', 'local.land/_/near', 'lodash', 'home.land/bob/blog'])
    assert.equal(isMissed, false)
  })

  it('has nothing below it where there is no room for all of that', async () => {
    room = 1
    const dependencies = [item(place.name, 'live', [item('a.example.org/b'), item('a.example.org/c')])]
    assert.deepEqual((await look(async () => ({ dependencies, more: false }))).dependencies, [])
  })

  for (const code of ['NETWORK_UNREACHABLE', 'NETWORK_UNKNOWN', 'SERVICE_BUSY'] as const)
    it(`is not down where nobody could be asked: ${code}`, async () => {
      const refused: Abroad = async () => {
        throw new CallsError(code, 'No.', 'again')
      }
      const found = await look(refused, { isAbroad: true })
      assert.deepEqual([found.name, found.up, found.code, found.version], [THERE, null, code, '1.0.0'])
      assert.equal(isMissed, true)
    })

  it('is not known where there was no time', async () => {
    const never = async () => Promise.reject(new Error('late'))
    const found = await look(never, { deadline: AbortSignal.abort() })
    assert.deepEqual([found.up, found.code], [null, null])
  })
})
