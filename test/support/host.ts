/** A host without a network: real keys, VM, store and use cases, in this process and a folder of its own. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { ContractUpload, Json } from '../../daemon/api/vocabulary.ts'
import { CallsError } from '../../daemon/calls/errors.ts'
import { type Contracts, createContracts } from '../../daemon/calls/life/contracts.ts'
import { createDeploy, type Deploy } from '../../daemon/calls/life/deploy.ts'
import { createImportForks, type ImportForks, type ImportForksParts } from '../../daemon/calls/life/import-forks.ts'
import { createUpgrade } from '../../daemon/calls/life/upgrade.ts'
import { createCopies, createNames, type Names } from '../../daemon/calls/names/names.ts'
import type { ResolveService } from '../../daemon/calls/names/resolve.ts'
import { createCheckAnswer } from '../../daemon/calls/receipt/receipt.ts'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import type { Remote } from '../../daemon/calls/remote/remote.ts'
import { createAsk } from '../../daemon/calls/run/ask.ts'
import { type ContentSource, createContent } from '../../daemon/calls/run/content.ts'
import { createExecute, type Execute } from '../../daemon/calls/run/execute.ts'
import { createExecutedBefore, type ExecutedBefore } from '../../daemon/calls/run/executed-before.ts'
import { createInstances, type Instances } from '../../daemon/calls/run/instances.ts'
import { createCarry } from '../../daemon/calls/run/orders.ts'
import type { Ask } from '../../daemon/calls/run/question.ts'
import { createSnapshots } from '../../daemon/calls/run/snapshot.ts'
import { createFollow, type Follow } from '../../daemon/calls/stream/follow.ts'
import { createHeadFeed } from '../../daemon/calls/stream/head-feed.ts'
import { createStreamQuery, type StreamQuery, type StreamQueryInit } from '../../daemon/calls/stream/stream-query.ts'
import { type Abroad, nowhereAbroad } from '../../daemon/calls/tree/abroad.ts'
import { createAsking } from '../../daemon/calls/tree/asking.ts'
import type { CheckEpoch } from '../../daemon/calls/tree/epochs-seen.ts'
import { createForkRows, type ForkRows } from '../../daemon/calls/tree/fork-rows.ts'
import { createForkOf } from '../../daemon/calls/tree/forks.ts'
import type { RunTree } from '../../daemon/calls/tree/run-tree.ts'
import type { Asking, Executed, Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { createStartLine } from '../../daemon/calls/versions/start-line.ts'
import { createTryCode } from '../../daemon/calls/versions/try-code.ts'
import { build } from '../../daemon/contract/build.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import type { Contract, ContractImport } from '../../daemon/contract/types.ts'
import type { Fetcher } from '../../daemon/node/fetch.ts'
import { signerOf } from '../../daemon/node/signer.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase, Verify } from '../../daemon/store/database-types.ts'
import { createHistory } from '../../daemon/store/history.ts'
import type { LocalHistory } from '../../daemon/store/types.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { userIdOf } from '../../protocol/signed/user-id.ts'
import { createSerial } from '../../registry/serial.ts'
import { testNetwork } from './network.ts'

export interface Serving {
  as?: string
  init?: Json
  manifest?: string
  /** as amigo.yaml and amigo.lock would have them */
  imports?: ContractImport[]
  /** how those are reached that imports name */
  networks?: Record<string, string>
}

type Networks = Record<string, string>

export interface Host {
  identity: Identity
  vm: Vm
  database: LocalDatabase
  history: LocalHistory
  contracts: Contracts
  instances: Instances
  content: ContentSource
  names: Names
  deploy: Deploy
  execute: Execute
  ask: Ask
  stream: StreamQuery
  follow: Follow
  executedBefore: ExecutedBefore
  runTree: RunTree
  checkEpoch: CheckEpoch
  forks: ImportForks
  forkRows: ForkRows
  /** Compiles one source, and takes the contract in. */
  contract(source: string, manifest?: string, imports?: ContractImport[], networks?: Networks): Promise<Contract>
  /** Makes a service of it; answers its ID. */
  serve(source: string, options?: Serving): Promise<CID>
  /** Signs as `user`, this host's own unless another is given. */
  sign(service: CID, method: string, args?: Json[], user?: Identity): Promise<Uint8Array>
  call(service: CID, method: string, args?: Json[], options?: Partial<Asking>): Promise<Executed>
  query(service: CID, method: string, args?: Json[], options?: Partial<Asking>): Promise<Json>
  stop(): Promise<void>
}

export const verify: Verify = async (publicKey, bytes, sig) => publicKeyFromProtobuf(publicKey).verify(bytes, sig)

/** @param key of the node. @default a new one */
export async function newIdentity(key?: Ed25519PrivateKey): Promise<Identity> {
  const [node, owner] = await Promise.all([key ?? generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
  return {
    peerId: peerIdFromPrivateKey(node).toString(),
    user: userIdOf(publicKeyToProtobuf(owner.publicKey)),
    node: signerOf(node),
    owner: signerOf(owner),
    network: testNetwork(),
  }
}

export interface HostOptions {
  identity?: Identity
  /** a folder to go on in. @default a new one, removed by stop() */
  folder?: string
  now?: () => number
  /** where content comes from that is not here. @default nowhere */
  fetcher?: Pick<Fetcher, 'block'>
  workers?: number
  streams?: StreamQueryInit
  followers?: Parameters<typeof createFollow>[1]
  /** what imports lead to that are not here. @default nobody is there */
  remote?: Pick<Remote, 'call' | 'query'>
  resolveService?: ResolveService
  /** other networks. @default none is reached */
  abroad?: Abroad
  /** how the histories of pinned services are brought here. @default there is no network */
  pull?: ImportForksParts['pull']
  /** between the use cases and the real VM. @default nothing */
  wrapVm?: (vm: Vm) => Vm
}

const unreachable = async (): Promise<never> => {
  throw new CallsError('SERVICE_NOT_FOUND', 'There is no network.', 'this host is alone')
}
const nobody: Pick<Remote, 'call' | 'query'> = { call: unreachable, query: unreachable }
const nowhere: ResolveService = unreachable

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const folder = options.folder ?? (await realpath(await mkdtemp(join(tmpdir(), 'amigos-host-'))))
  const { now = Date.now } = options
  const identity = options.identity ?? (await newIdentity())
  const database = await openDatabase(join(folder, 'db'))
  const { wrapVm = (vm) => vm } = options
  const vm = wrapVm(createVm({}, { cacheDir: join(tmpdir(), 'amigos-test-engine'), workers: options.workers ?? 1 }))
  const feed = createHeadFeed(createHistory({ database, signer: identity.node, verify }))
  const { history } = feed
  const contracts = createContracts(database)
  const instances = createInstances({ vm, history, contracts })
  const names = createNames(database.meta)
  const content = createContent({
    blocks: database.blocks,
    fetcher: options.fetcher ?? { block: () => Promise.reject(new Error('there is no network')) },
  })
  const executedBefore = createExecutedBefore({ history, database })
  const snapshots = createSnapshots({ history, contracts, instances })
  const rows = createForkRows(database.meta)
  const asking = createAsking({
    ...{ vm, history, instances, content, executedBefore, identity, now, forkOf: createForkOf({ rows, history }) },
    checkAnswer: createCheckAnswer(verify),
    ask: (...asked) => ask(...asked),
    ...{ remote: options.remote ?? nobody, resolveService: options.resolveService ?? nowhere },
    abroad: options.abroad ?? nowhereAbroad,
  })
  const ask: Ask = createAsk({ vm, history, snapshots, instances, content, now, ...asking })
  const execute = createExecute({ vm, history, executedBefore, instances, content, identity, now, ...asking })
  const stream = createStreamQuery({ vm, history, snapshots, content, now, ...asking }, options.streams)
  const follow = createFollow({ feed, contracts }, options.followers)
  const carry = createCarry({ identity, instances, now })
  const tryCode = createTryCode({ vm, contracts, content })
  const forks = createImportForks({
    ...{ rows, history, contracts, names, identity, now, log: () => undefined, copies: createCopies(database.meta) },
    replayer: { behind: () => undefined, mismatch: () => undefined },
    pull: options.pull ?? unreachable,
  })
  const upgrade = createUpgrade({ vm, history, contracts, names, carry, tryCode, forks })
  const startLine = createStartLine({ vm, history, contracts, names, identity, tryCode, forks, now })
  const deploy = createDeploy({
    vm,
    history,
    contracts,
    names,
    identity,
    upgrade,
    startLine,
    forks,
    naming: createSerial(),
    now,
  })
  const never = new AbortController().signal

  const host: Host = {
    ...{ identity, vm, database, history, contracts, instances, content, names, execute, ask, stream, follow, deploy },
    ...{ executedBefore, runTree: asking.runTree, checkEpoch: asking.checkEpoch, forks, forkRows: rows },
    async contract(source, manifest = 'name: sample\nversion: 0.1.0\nmain: main.ts\n', imports = [], networks) {
      const upload = await compiled(source, manifest, imports, networks)
      return (await contracts.take(upload)).contract
    },
    async serve(source, { as, init, manifest, imports, networks } = {}) {
      return (await deploy(await host.contract(source, manifest, imports, networks), { as, init, signal: never })).head
        .service
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

/** Compiling takes longest of all that a test does, and gives the same each time. In this thread the checker is read once, not each time. */
const COMPILED = new Map<string, Promise<ContractUpload>>()

function compiled(
  source: string,
  manifest: string,
  imports: ContractImport[],
  networks?: Networks,
): Promise<ContractUpload> {
  const key = `${manifest}\0${source}\0${imports.map((one) => ['service' in one && one.service, 'commit' in one && one.commit])}\0${Object.values(networks ?? {})}`
  const known = COMPILED.get(key) ?? compileSource(source, manifest, imports, networks)
  COMPILED.set(key, known)
  return known
}

async function compileSource(
  source: string,
  manifest: string,
  imports: ContractImport[],
  networks?: Networks,
): Promise<ContractUpload> {
  const dir = await mkdtemp(join(tmpdir(), 'amigos-contract-'))
  try {
    await writeFile(join(dir, 'amigo.yaml'), manifest)
    await writeFile(join(dir, 'main.ts'), source)
    const built = await build(dir)
    const rules = Object.fromEntries(imports.map(({ name, range, mode }) => [name, { range, mode }]))
    const named = { ...built.manifest, imports: rules, ...(networks && { networks }) }
    const { blocks } = await encodeContract({ ...built, imports, manifest: named })
    return {
      blocks: blocks.map(({ cid, bytes }) => ({ cid: cid.toString(), bytes: Buffer.from(bytes).toString('base64') })),
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}
