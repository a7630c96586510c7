/** What the node's page shows, from the use cases. Whoever looks at it has signed nothing: it is shown what everybody may see. */
import { CID } from 'multiformats/cid'
import type { Dependent, Implementation, ServiceSummary } from '../../api/vocabulary.ts'
import { exampleArguments } from '../../contract/example-arguments.ts'
import { nameRefs } from '../../contract/name-refs.ts'
import type { PageService, PageSource } from '../../page/types.ts'
import type { Head, History } from '../../store/types.ts'
import { RENDER_TIMEOUT_MS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import { parseCommit } from '../methods/parse.ts'
import type { Status } from '../methods/status.ts'
import type { Names } from '../names/names.ts'
import type { Peers } from '../remote/peers.ts'
import { checkAccess, checkAnyAccess } from '../run/check-access.ts'
import type { Ask } from '../run/question.ts'
import type { Identity } from '../types.ts'
import { decodeResult, encodeArguments } from '../values.ts'
import { mainOf } from '../versions/line.ts'
import { commitOf } from './commit-of.ts'
import type { CompareStates } from './compare-states.ts'
import { rulesOf } from './describe.ts'
import type { ReadHistory } from './read-history.ts'
import type { ReadState } from './read-state.ts'

export interface PageSourceParts {
  identity: Identity
  status: Status
  peers: Peers
  names: Names
  history: History
  contracts: Contracts
  ask: Ask
  readState: ReadState
  readHistory: ReadHistory
  compareStates: CompareStates
  graph: Implementation['graph']
  /** how this node's commands are typed */
  command: string
}

const ANYBODY = ''

export function createPageSource(parts: PageSourceParts): PageSource {
  const { identity, status, peers, names, history, contracts, ask, readState, readHistory, compareStates, command } =
    parts

  /** One of this node's services by its name, or a copy by its service ID. */
  const headOf = async (name: string): Promise<Head | undefined> => {
    const service = (await namedService(names, name)) ?? parse(name)
    return service && history.head(service)
  }

  const contractOf = async (name: string) => {
    const head = await headOf(name)
    return head && { service: head.service, contract: await contracts.of(head) }
  }

  /** The same for those whose history everybody may read. @throws CallsError ACCESS_DENIED */
  const readable = async (name: string): Promise<Head | undefined> => {
    const head = await headOf(name)
    if (head) checkAccess(await contracts.of(head), { owner: '', user: ANYBODY }, 'history')
    return head
  }

  /** A copy goes by the name that it was pulled by, if it was one, and is called what its author called it. */
  const ofCopy = async ({ name, ...copy }: ServiceSummary): Promise<PageService> => {
    const { manifest } = await contracts.load(CID.parse(copy.contract))
    const { service } = copy
    const isNamed = name.startsWith('~')
    return { ...copy, name: service, title: manifest.name, address: name, ...(isNamed && { published: name }) }
  }

  return {
    async node() {
      const { addresses, uptime, username } = await status.status()
      return {
        peerId: identity.peerId,
        user: identity.user,
        username,
        command,
        network: identity.network.name,
        addresses,
        uptime,
        peers: peers().map(({ addresses: [address = ''], ...peer }) => ({ ...peer, address })),
      }
    },

    async services() {
      const here = await status.services()
      const wordOf = (name: string) => name.split('@')[0]
      const own = here.map((one) => ({
        ...one,
        title: one.name,
        address: `local.land/_/${one.name}`,
        beside: here.map(({ name }) => name).filter((name) => name !== one.name && wordOf(name) === wordOf(one.name)),
      }))
      return [...own, ...(await Promise.all((await status.copies()).map(ofCopy)))]
    },

    async functions(name) {
      const found = await contractOf(name)
      return found?.contract.interface.map((f) => ({
        name: f.name,
        kind: f.kind,
        doc: f.doc,
        example: exampleArguments(f.params).join(' '),
        signature: `(${f.params.map((p) => `${p.rest ? '...' : ''}${p.name}${p.optional && !p.rest ? '?' : ''}: ${p.text}`).join(', ')}): ${f.returns}`,
      }))
    },

    async rules(name) {
      const found = await contractOf(name)
      return found && rulesOf(found.contract, 'page')
    },

    async render(name, path, { signal }) {
      const found = await contractOf(name)
      const render = found?.contract.interface.find((f) => f.name === 'render')
      if (found === undefined || render === undefined) return undefined
      const args = encodeArguments(render.params.length === 0 ? [] : [path])
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(RENDER_TIMEOUT_MS)])
      const question = { service: found.service, method: 'render', args, caller: ANYBODY }
      const { result } = await ask(question, { from: 'page', signal: deadline })
      const markdown = decodeResult(result)
      if (typeof markdown === 'string') return markdown
      throw new CallsError('RESULT_NOT_A_VALUE', 'render did not return a string.', 'its author has to mend it')
    },

    async state(name, { signal }) {
      const head = await readable(name)
      if (head === undefined) return undefined
      const question = { service: head.service, path: [], user: ANYBODY }
      const { commit, state, ...found } = await readState.read(question, { from: 'page', signal })
      return { ...found, state: nameRefs(state), commit: commit.toString() }
    },

    async history(name, before, { signal }) {
      const head = await readable(name)
      return head && readHistory.log(head, { before: before === undefined ? undefined : parseCommit(before), signal })
    },

    async graph(name, { signal }) {
      const head = await headOf(name)
      if (head === undefined) return undefined
      const { manifest } = await contracts.of(head)
      checkAnyAccess({ manifest }, { owner: '', user: ANYBODY })
      const local = await namedService(names, name)
      const found = await parts.graph({ name: local ? `local.land/_/${name}` : name }, { signal })
      const mayRead = manifest.access.history === 'public'
      return {
        ...found,
        dependents: found.dependents.filter(({ mode }) => mayRead || mode !== 'called').map(withoutCalls),
      }
    },

    async commit(name, cid, { signal }) {
      const head = await readable(name)
      const at = parse(cid)
      const commit = head && at && (await commitOf(history, head.service, at).catch(() => undefined))
      if (!head || !commit) return undefined
      const { service } = head
      const asking = { user: ANYBODY, from: 'page', signal }
      const compared =
        commit.parent === undefined
          ? undefined
          : await compareStates({ service, at: commit.parent }, { service, at: commit.cid }, asking).catch(
              () => undefined,
            )
      signal.throwIfAborted()
      const shown = await readHistory.show(cid)
      return { ...shown, changes: compared?.changes ?? null, moreChanges: compared?.more ?? false }
    },
  }
}

/** Who called what further up stands in histories that may not be for everybody. */
const withoutCalls = (one: Dependent): Dependent => ({
  ...{ ...one, calls: null },
  dependents: one.dependents.filter(({ mode }) => mode !== 'called').map(withoutCalls),
})

/** `forum`, `forum@v1`. */
async function namedService(names: Names, text: string): Promise<CID | undefined> {
  const [name = '', line] = text.split('@')
  const entry = await names.get(name).catch(() => undefined)
  const found = line === undefined ? entry && mainOf(entry) : entry?.running.find((one) => one.line === line)
  return found?.service
}

function parse(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}
