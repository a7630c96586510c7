/** A host without a network: real keys, VM, store and use cases, in this process and a folder of its own. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { type Ask, createAsk } from '../../daemon/calls/ask.ts'
import { type Contracts, createContracts } from '../../daemon/calls/contracts.ts'
import { createDeploy, type Deploy } from '../../daemon/calls/deploy.ts'
import { createExecute, type Execute } from '../../daemon/calls/execute.ts'
import { createInstances, type Instances } from '../../daemon/calls/instances.ts'
import { createNames, type Names } from '../../daemon/calls/names.ts'
import { makeCall } from '../../daemon/calls/signed-call.ts'
import type { Asking, Executed, Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { compile } from '../../daemon/contract/compile.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import type { Contract } from '../../daemon/contract/types.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import { createHistory } from '../../daemon/store/history.ts'
import type { LocalDatabase, LocalHistory, Verify } from '../../daemon/store/types.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { userIdOf } from '../../protocol/user-id.ts'

export interface Host {
  identity: Identity
  vm: Vm
  database: LocalDatabase
  history: LocalHistory
  contracts: Contracts
  instances: Instances
  names: Names
  deploy: Deploy
  execute: Execute
  ask: Ask
  /** Compiles one source, and takes the contract in. */
  contract(source: string, manifest?: string): Promise<Contract>
  /** Makes a service of it; answers its ID. */
  serve(source: string, options?: { as?: string; init?: Json; manifest?: string }): Promise<CID>
  /** Signs as `user`, this host's own unless another is given. */
  sign(service: CID, method: string, args?: Json[], user?: Identity): Promise<Uint8Array>
  call(service: CID, method: string, args?: Json[], options?: Partial<Asking>): Promise<Executed>
  query(service: CID, method: string, args?: Json[], options?: Partial<Asking>): Promise<Json>
  stop(): Promise<void>
}

export const verify: Verify = async (publicKey, bytes, sig) => publicKeyFromProtobuf(publicKey).verify(bytes, sig)

export async function newIdentity(): Promise<Identity> {
  const [node, owner] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
  const signer = (key: typeof node) => ({
    publicKey: publicKeyToProtobuf(key.publicKey),
    sign: async (bytes: Uint8Array) => key.sign(bytes),
  })
  return {
    peerId: peerIdFromPrivateKey(node).toString(),
    user: userIdOf(publicKeyToProtobuf(owner.publicKey)),
    node: signer(node),
    owner: signer(owner),
    network: { name: 'test', id: 'test' },
  }
}

export interface HostOptions {
  identity?: Identity
  /** a folder to go on in. @default a new one, removed by stop() */
  folder?: string
  now?: () => number
  workers?: number
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const folder = options.folder ?? (await realpath(await mkdtemp(join(tmpdir(), 'amigos-host-'))))
  const { now = Date.now } = options
  const identity = options.identity ?? (await newIdentity())
  const database = await openDatabase(join(folder, 'db'))
  const vm = createVm({}, { cacheDir: join(tmpdir(), 'amigos-test-engine'), workers: options.workers ?? 1 })
  const history = createHistory({ database, signer: identity.node, verify })
  const contracts = createContracts(database)
  const instances = createInstances({ vm, history, contracts })
  const names = createNames(database.meta)
  const execute = createExecute({ vm, history, database, instances, identity, now })
  const ask = createAsk({ vm, history, contracts, instances, now })
  const deploy = createDeploy({ vm, history, contracts, names, identity, now })
  const never = new AbortController().signal

  const host: Host = {
    ...{ identity, vm, database, history, contracts, instances, names, execute, ask, deploy },
    async contract(source, manifest = 'name: sample\nversion: 0.1.0\nmain: main.ts\n') {
      const dir = await mkdtemp(join(folder, 'contract-'))
      await writeFile(join(dir, 'amigo.yaml'), manifest)
      await writeFile(join(dir, 'main.ts'), source)
      const { blocks } = await encodeContract(await compile(dir))
      const upload = blocks.map(({ cid, bytes }) => ({
        cid: cid.toString(),
        bytes: Buffer.from(bytes).toString('base64'),
      }))
      return (await contracts.take({ blocks: upload })).contract
    },
    async serve(source, { as, init, manifest } = {}) {
      return (await deploy(await host.contract(source, manifest), { as, init })).head.service
    },
    sign: (service, method, args = [], user = identity) => makeCall({ service, method, args }, 'call', user),
    call: async (service, method, args = [], asking = {}) =>
      execute(await host.sign(service, method, args), { from: 'local', signal: never, ...asking }),
    async query(service, method, args = [], asking = {}) {
      const question = { service, method, args: encodeArguments(args), caller: identity.user }
      const { result } = await ask(question, { from: 'local', signal: never, ...asking })
      return JSON.parse(Buffer.from(result).toString()) as Json
    },
    async stop() {
      await vm.stop()
      await history.idle()
      await database.close()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
  return host
}

export const resultOf = ({ result }: { result: Uint8Array }): Json => JSON.parse(Buffer.from(result).toString()) as Json
