/** Where an import leads whose name leads elsewhere by now, or nowhere. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { CallsError } from '../../daemon/calls/errors.ts'
import type { ResolveService } from '../../daemon/calls/names/resolve.ts'
import { nowhereAbroad } from '../../daemon/calls/tree/abroad.ts'
import { createFindRoute } from '../../daemon/calls/tree/route.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import type { ContractImport, ExportedFunction } from '../../daemon/contract/types.ts'
import { cidFrom, DAG_CBOR, sha256 } from '../../daemon/store/block.ts'
import { testNetwork } from '../support/network.ts'

const cid = (seed: number): CID => cidFrom(DAG_CBOR, sha256(Uint8Array.of(seed)))
const [SERVICE, OTHER, ASKER] = [cid(1), cid(2), cid(3)]
const NAME = 'carol.amigos.net/stock'
const fn: ExportedFunction = {
  ...{ name: 'take', kind: 'call', params: [], returns: 'void', result: { kind: 'void' }, doc: '' },
}
const pin: ContractImport = {
  ...{ name: NAME, range: '^1.0', mode: 'live', version: '1.0.0', contract: cid(4), service: SERVICE, functions: [fn] },
}

describe('the way to an import', () => {
  let leads: Record<string, CID | string>
  let asked: string[]

  const resolveService: ResolveService = async (name) => {
    asked.push(name)
    const found = leads[name.slice(NAME.length + 1)]
    if (found === undefined || typeof found === 'string')
      throw new CallsError((found ?? 'VERSION_NOT_FOUND') as 'VERSION_NOT_FOUND', 'There is none.', '')
    return { kind: 'service', name, service: found, host: `host of ${found}`, source: 'test', age: 0 }
  }
  const forkOf = () => assert.fail()
  const findRoute = createFindRoute({
    ...{ identity: { network: testNetwork() }, history: { head: async () => undefined }, resolveService, forkOf },
    abroad: nowhereAbroad,
  })
  const route = () => {
    const ask = { import: NAME, method: 'take', args: encodeArguments([]), gas: 1n }
    const contract = { imports: [pin], manifest: { name: 'shop' } as never }
    return findRoute(contract, { service: ASKER, chain: [] }, ask, { signal: new AbortController().signal })
  }

  beforeEach(() => {
    leads = { '^1.0': SERVICE }
    asked = []
  })

  it('is that of the name', async () => {
    assert.equal((await route()).host, `host of ${SERVICE}`)
    assert.deepEqual(asked, [`${NAME}@^1.0`])
  })

  it('stays where the version was withdrawn that runs, or is in the range no longer', async () => {
    leads = { '^1.0': 'VERSION_NOT_RUNNING', [`${SERVICE}`]: SERVICE }
    assert.equal((await route()).host, `host of ${SERVICE}`)
  })

  it('stays where the range means another service of the name', async () => {
    leads = { '^1.0': OTHER, [`${SERVICE}`]: SERVICE }
    assert.equal((await route()).host, `host of ${SERVICE}`)
  })

  it('ends where the name stands for another service alone', async () => {
    for (const end of ['NOT_A_COMMIT', OTHER]) {
      leads = { '^1.0': OTHER, [`${SERVICE}`]: end }
      await assert.rejects(route(), { code: 'IMPORT_BROKE' })
    }
  })

  it('ends with what is wrong with the name', async () => {
    leads = { '^1.0': 'VERSION_NOT_RUNNING', [`${SERVICE}`]: OTHER }
    await assert.rejects(route(), { code: 'VERSION_NOT_RUNNING' })
    leads = { '^1.0': 'HUB_UNREACHABLE', [`${SERVICE}`]: SERVICE }
    await assert.rejects(route(), { code: 'HUB_UNREACHABLE' })
  })
})
