/** The local API's methods, each bound to its use case. */
import { parseName } from '../../registry/name.ts'
import type { Implementation, Methods } from '../api/vocabulary.ts'
import type { AmigosNode } from '../node/node.ts'
import type { Chat } from './chat.ts'
import type { Contracts } from './contracts.ts'
import type { Deploy, Deployed } from './deploy.ts'
import type { Describe } from './describe.ts'
import type { createInvoke } from './invoke.ts'
import { checkVersion, type Publish } from './publish.ts'
import type { Pull } from './pull.ts'
import type { Resolve } from './resolve.ts'
import type { Status } from './status.ts'
import type { Target } from './types.ts'

export interface ImplementationParts {
  node: AmigosNode
  contracts: Contracts
  deploy: Deploy
  publish: Publish
  resolve: Resolve
  describe: Describe
  invoke: ReturnType<typeof createInvoke>
  pull: Pull
  chat: Chat
  status: Status
  /** where the page is, once it listens */
  info: { http: string }
  /** ends the daemon once the answer is out */
  shutDown: () => void
}

export function createImplementation(parts: ImplementationParts): Implementation {
  const { node, contracts, deploy, publish, resolve, describe, invoke, pull, chat, status, info, shutDown } = parts

  const served = ({ name, head, warnings }: Deployed): Methods['serve']['result'] => ({
    name: `local.land/_/${name}`,
    service: head.service.toString(),
    contract: head.contract.toString(),
    commit: head.commit.toString(),
    url: `${info.http}${name}/`,
    upgraded: false, // new code for a running service is refused in this version
    warnings,
  })

  return {
    status: () => status.status(),

    async down() {
      shutDown()
      return { stopped: true }
    },

    async push({ contract: upload }) {
      const { contract, size, blocks } = await contracts.take(upload)
      node.provide(contract.cid)
      return { contract: contract.cid.toString(), size, blocks }
    },

    async serve({ contract: upload, as, init }) {
      const { contract } = await contracts.take(upload)
      return served(await deploy(contract, { as, init }))
    },

    async publish({ contract: upload, as, init, version }, { signal }) {
      const { contract } = await contracts.take(upload)
      checkVersion(version)
      const deployed = await deploy(contract, { as, init })
      const published = await publish.publish(deployed, contract, { version, signal })
      for (const cid of [contract.cid, deployed.head.service]) node.provide(cid)
      const { seenBy } = published.publication
      const alone = 'no other node has the record yet: it is sent again when one connects'
      const { name, version: v } = published
      return {
        ...served(deployed),
        name,
        version: v,
        seenBy,
        warnings: [...deployed.warnings, ...(seenBy === 0 ? [alone] : [])],
      }
    },

    describe: ({ name }, options) => describe(name, options),
    call: (params, options) => invoke.call(params, options),
    query: (params, options) => invoke.query(params, options),
    pull: ({ name }, options) => pull(name, options),
    resolve: async ({ name }, options) => resolved(await resolve(name, options)),
    peers: async () => ({ peers: status.peers() }),

    async connect({ address }, { signal }) {
      const started = performance.now()
      const peerId = await node.connect(address, { signal })
      return { peerId, address, ms: Math.round(performance.now() - started) }
    },

    chat: ({ to, text }, options) => chat.send(to, text, options),
    inbox: (params) => chat.inbox(params),
  }
}

function resolved(target: Target): Methods['resolve']['result'] {
  const { name, source, age } = target
  const expires = 'expires' in target && target.expires !== undefined ? new Date(target.expires).toISOString() : null
  const common = { name, kind: kindOf(name, target), source, age, expires }
  if (target.kind === 'node') return { ...common, peerId: target.peers[0]! }
  if (target.kind === 'contract') return { ...common, contract: target.contract.toString(), version: target.version }
  if (target.kind === 'content') return common
  const { service, contract, version, host } = target
  return {
    ...common,
    peerId: host,
    service: service.toString(),
    ...(contract === undefined ? {} : { contract: contract.toString() }),
    ...(version === undefined ? {} : { version }),
  }
}

const kindOf = (name: string, target: Target): string =>
  target.kind === 'node' && parseName(name).kind === 'page' ? 'user' : target.kind
