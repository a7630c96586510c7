/** The contracts on this node: taken in from uploads and from the network, read back, kept decoded. */
import { CID } from 'multiformats/cid'
import type { ContractUpload } from '../../api/vocabulary.ts'
import { decodeContract } from '../../contract/decode.ts'
import type { Contract } from '../../contract/types.ts'
import { verifyBlock } from '../../store/block.ts'
import type { Database } from '../../store/database-types.ts'
import { keepWrite } from '../../store/keep.ts'
import { CONTRACT_CACHE } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { createForkRows, type ImporterRow } from '../tree/fork-rows.ts'

export interface Contracts {
  /** Checks every block of an upload and stores it. The first block is the contract. */
  take(upload: ContractUpload): Promise<{ contract: Contract; size: number; blocks: number }>
  /** @throws CallsError NOT_A_CONTRACT if it is not on this node */
  load(cid: CID): Promise<Contract>
  /** the first block */
  root(cid: CID): Promise<Uint8Array>
  /** The contract that a service runs, with who may use that service: a fork that another service imports is for that one alone. */
  of(head: { service: CID; contract: CID }): Promise<Contract>
  module(contract: Contract): Promise<Uint8Array>
  sources(contract: Contract): Promise<{ path: string; content: Uint8Array }[]>
}

export function createContracts(database: Database): Contracts {
  const cache = new Map<string, Contract>()
  const rows = createForkRows(database.meta)

  const block = async (cid: CID): Promise<Uint8Array> => {
    const bytes = await database.blocks.get(cid)
    if (bytes !== undefined) return bytes
    throw new CallsError('NOT_A_CONTRACT', `${cid} is not on this node.`, `fetch it first: amigo pull ${cid}`)
  }

  const load = async (cid: CID): Promise<Contract> => {
    const known = cache.get(cid.toString())
    if (known !== undefined) return known
    const contract = await decodeContract(cid, block)
    if (cache.size >= CONTRACT_CACHE) cache.delete(cache.keys().next().value!)
    cache.set(cid.toString(), contract)
    return contract
  }

  return {
    async take(upload) {
      const blocks = upload.blocks.map(({ cid, bytes }) => ({
        cid: CID.parse(cid),
        bytes: Buffer.from(bytes, 'base64'),
      }))
      const [root] = blocks
      if (root === undefined) throw new CallsError('NOT_A_CONTRACT', 'The upload is empty.', 'build the folder again')
      for (const { cid, bytes } of blocks) await verifyBlock(cid, bytes)
      const given = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]))
      const get = async (cid: CID): Promise<Uint8Array> => given.get(cid.toString()) ?? block(cid)
      const contract = await decodeContract(root.cid, get)
      for (const { cid } of [{ cid: contract.module }, ...contract.sources]) await get(cid)
      const puts = blocks.map(({ cid, bytes }) => ({ put: 'block' as const, cid, bytes }))
      await database.commit([...puts, ...blocks.map(({ cid }) => keepWrite(cid))])
      const size = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
      return { contract, size, blocks: blocks.length }
    },
    load,
    root: block,
    async of({ service, contract }) {
      const [code, importer] = await Promise.all([load(contract), rows.importer(service)])
      return importer === undefined ? code : onlyFor(importer, code)
    },
    module: (contract) => block(contract.module),
    sources: async ({ sources }) =>
      Promise.all(sources.map(async ({ path, cid }) => ({ path, content: await block(cid) }))),
  }
}

/** It is a part of the service that imports it: whoever wants something of it asks that, as its owner does. */
function onlyFor({ service, sealed }: ImporterRow, contract: Contract): Contract {
  const { manifest } = contract
  const who = [service.toString()]
  const history = sealed ? 'owner' : manifest.access.history
  return { ...contract, manifest: { ...manifest, access: { call: who, query: who, history, functions: {} } } }
}
