/** What the node's page shows, from the use cases. */
import { exampleArguments } from '../contract/example-arguments.ts'
import type { PageSource } from '../page/types.ts'
import type { History } from '../store/types.ts'
import type { Ask } from './ask.ts'
import { RENDER_TIMEOUT_MS } from './constants.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import type { Names } from './names.ts'
import type { Status } from './status.ts'
import type { Identity } from './types.ts'
import { decodeResult, encodeArguments } from './values.ts'

export interface PageSourceParts {
  identity: Identity
  status: Status
  names: Names
  history: History
  contracts: Contracts
  ask: Ask
  /** how this node's commands are typed */
  command: string
}

export function createPageSource(parts: PageSourceParts): PageSource {
  const { identity, status, names, history, contracts, ask, command } = parts

  const interfaceOf = async (name: string) => {
    const entry = await names.get(name).catch(() => undefined)
    const head = entry && (await history.head(entry.service))
    return entry && head && { service: entry.service, functions: (await contracts.load(head.contract)).interface }
  }

  return {
    async node() {
      const { addresses, uptime, username } = await status.status()
      const peers = status.peers().map(({ peerId, addresses: [address = ''] }) => ({ peerId, address }))
      return {
        peerId: identity.peerId,
        user: identity.user,
        username,
        command,
        network: identity.network.name,
        addresses,
        uptime,
        peers,
      }
    },

    services: () => status.services(),

    async functions(name) {
      const found = await interfaceOf(name)
      return found?.functions.map((f) => ({
        name: f.name,
        kind: f.kind,
        doc: f.doc,
        example: exampleArguments(f.params).join(' '),
        signature: `(${f.params.map((p) => `${p.rest ? '...' : ''}${p.name}${p.optional && !p.rest ? '?' : ''}: ${p.text}`).join(', ')}): ${f.returns}`,
      }))
    },

    async render(name, path, { signal }) {
      const found = await interfaceOf(name)
      const render = found?.functions.find((f) => f.name === 'render')
      if (found === undefined || render === undefined) return undefined
      const args = encodeArguments(render.params.length === 0 ? [] : [path])
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(RENDER_TIMEOUT_MS)])
      const question = { service: found.service, method: 'render', args, caller: '' }
      const { result } = await ask(question, { from: 'page', signal: deadline })
      const markdown = decodeResult(result)
      if (typeof markdown === 'string') return markdown
      throw new CallsError('RESULT_NOT_A_VALUE', 'render did not return a string.', 'its author has to mend it')
    },
  }
}
