/** What this node asks others about services. How it answers them is in answers.ts. */
import { CID } from 'multiformats/cid'
import type { Internode } from '../../../protocol/types.ts'
import { verifyBlock } from '../../store/block.ts'
import type { Base } from '../../store/types.ts'
import { MAX_REMOTE_ARGUMENT_BYTES, MAX_REMOTE_ENVELOPE_BYTES, MAX_REMOTE_MS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Question } from '../run/question.ts'
import type { Stopwatch } from '../run/stopwatch.ts'
import type { Followed } from '../stream/follow.ts'
import { mapped } from '../stream/mapped.ts'
import type { Answered, Executed, Identity, TreeShare } from '../types.ts'
import { askAgain } from './again.ts'
import { makeGrant, orGranted } from './grant.ts'
import { noteInside, tracing } from './trace.ts'
import {
  badAnswer,
  isBaseOrNull,
  isBlocks,
  isBytes,
  isBytesOrNull,
  isCid,
  isCount,
  isEventTexts,
  isFlag,
  isHandovers,
  isLines,
  isPage,
  isTraceIfAny,
  optional,
  type Read,
  reader,
} from './wire.ts'

/** Where a service stands, as its host says: the signed head commit proves it. */
export interface RemoteHead {
  contract: CID
  commit: CID
  seq: number
  /** where its history begins there, if the host has pruned it */
  base?: Base & { seq: number }
  /** some of it is given to those alone who ask for it by the service */
  sealed: boolean
}

interface Options {
  signal: AbortSignal
  onSent?: () => void
  /** of a call or a query: told what its time is spent on; the host is asked for its part */
  trace?: Stopwatch | undefined
  /** of a call that a service makes: what is left to it */
  tree?: TreeShare | undefined
}

type GrantedOptions = Options & { grant?: () => Promise<Uint8Array> }

/** A question in the name of this node's user, of a service of this node, or of a program that asks through it. */
type Asked = Omit<Question, 'caller'> & {
  as?: {
    /** service ID, user ID, or the empty string for somebody who did not sign */
    caller: string
    /** of a service: in whose course it asks */
    origin?: string
    chain?: readonly string[]
    /** proves it to a host that does not know yet */
    grant(): Promise<Uint8Array>
  }
}

export interface Remote {
  /** @param options.onSent told when the call is on its way */
  call(host: string, envelope: Uint8Array, options: Options): Promise<Executed>
  /** A question in the name of this node's user; nothing is committed. */
  query(host: string, question: Asked, options: Options): Promise<Answered>
  /** The same, consumed item by item. */
  stream(host: string, question: Asked, options: Options): AsyncIterable<Answered>
  /** What the service commits, from one on or from now: the host's word. @param options.grant @default that of this node's user */
  subscribe(host: string, service: CID, from: number | undefined, options: GrantedOptions): AsyncIterable<Followed>
  /** @param options.grant as of `subscribe` */
  head(host: string, service: CID, options: GrantedOptions): Promise<RemoteHead>
  /** The commits before `from`, newest first, at most MAX_HISTORY_PAGE: the host's word, good for knowing what to fetch. */
  commitsBefore(host: string, service: CID, from: CID, options: Options): Promise<CID[]>
  /**
   * Blocks of a sealed service, at most MAX_PULL_BLOCKS, their hashes checked: those of the first CIDs, as many as an answer holds, at
   * least one. Undefined where the host has none.
   */
  blocks(host: string, service: CID, cids: readonly CID[], options: Options): Promise<(Uint8Array | undefined)[]>
}

export function createRemote(internode: Pick<Internode, 'request' | 'stream'>, identity: Identity): Remote {
  const ask = async (host: string, method: string, body: object, options: Options): Promise<Read> => {
    const { trace, ...rest } = options
    const via = trace === undefined ? internode : tracing(internode, trace)
    const request = () => via.request(host, method, body, { ...rest, timeoutMs: MAX_REMOTE_MS })
    // whoever calls decides about a second time
    const answer = method === 'call' ? await request() : await askAgain(request, options)
    const read = reader(answer, (field) => badAnswer(host, field))
    if (trace !== undefined) noteInside(trace, host, read('trace', isTraceIfAny))
    return read
  }

  /** Says who asks only where that matters: most services are for everybody. */
  const askGranted = async (
    host: string,
    method: string,
    body: { service: CID; [field: string]: unknown },
    { grant = () => makeGrant(body.service, identity, 'history'), ...options }: GrantedOptions,
  ): Promise<Read> => {
    try {
      return await ask(host, method, body, options)
    } catch (error) {
      if (codeOf(error) !== 'ACCESS_DENIED') throw error
      return ask(host, method, { ...body, envelope: await grant() }, options)
    }
  }

  const readsOf = (host: string, method: string, body: object, { signal }: Options): AsyncIterable<Read> =>
    mapped(internode.stream(host, method, body, { signal, timeoutMs: MAX_REMOTE_MS }), (item) =>
      reader(item, (field) => badAnswer(host, field)),
    )

  /** The first time without a grant: the host may know already that this node may ask for its user. */
  const bodyOf = ({ service, method, args, gas, at, as }: Asked): object => ({
    ...{ service, method, args: fittingArguments(args), caller: as?.caller ?? identity.user },
    ...(as?.chain && { via: { origin: as.origin, chain: as.chain.map((one) => CID.parse(one)) } }),
    ...{ gas: gas === undefined ? null : Number(gas), at: at ?? null },
  })

  const answerIn = (read: Read): Answered => ({
    result: read('result', isBytes),
    gas: BigInt(read('gas', isCount)),
    commit: read('commit', isCid),
    seq: read('seq', isCount),
    trust: 'host',
    logs: read('logs', isLines),
  })

  return {
    async call(host, envelope, options) {
      const { tree, ...rest } = options
      const share = tree && { tree: { ...tree, most: Number(tree.most) } }
      const read = await ask(host, 'call', { envelope: fitting(envelope), ...share }, rest)
      return {
        result: read('result', isBytes),
        gas: BigInt(read('gas', isCount)),
        commit: read('commit', isCid),
        seq: read('seq', isCount),
        index: read('index', isCount),
        genesis: read('genesis', isBytes),
        handovers: read('handovers', isHandovers),
        block: read('block', isBytes),
        ...optional('chunk', read('chunk', isBytesOrNull)),
        ...optional('events', read('events', isBytesOrNull)),
        logs: read('logs', isLines),
      }
    },
    async query(host, question, options) {
      const body = bodyOf(question)
      try {
        return answerIn(await ask(host, 'query', body, options))
      } catch (error) {
        if (codeOf(error) !== 'GRANT_NEEDED') throw error
        const envelope = await (question.as?.grant() ?? makeGrant(question.service, identity, 'query'))
        options.trace?.lap('grant')
        return answerIn(await ask(host, 'query', { ...body, envelope }, options))
      }
    },
    stream: (host, question, options) => {
      const body = bodyOf(question)
      const items = (more: object) => mapped(readsOf(host, 'stream', { ...body, ...more }, options), answerIn)
      const grant = question.as?.grant ?? (() => makeGrant(question.service, identity, 'query'))
      return orGranted(items, 'GRANT_NEEDED', grant)
    },
    subscribe(host, service, from, { grant = () => makeGrant(service, identity, 'history'), ...options }) {
      const body = { service, from: from ?? null }
      const commits = (more: object) => mapped(readsOf(host, 'subscribe', { ...body, ...more }, options), followedIn)
      return orGranted(commits, 'ACCESS_DENIED', grant)
    },
    async head(host, service, options) {
      const read = await askGranted(host, 'head', { service }, options)
      return {
        contract: read('contract', isCid),
        commit: read('commit', isCid),
        seq: read('seq', isCount),
        ...optional('base', read('base', isBaseOrNull)),
        sealed: read('sealed', isFlag),
      }
    },
    async commitsBefore(host, service, from, options) {
      const read = await askGranted(host, 'history', { service, from }, options)
      return read('commits', isPage)
    },
    async blocks(host, service, cids, options) {
      const read = await askGranted(host, 'blocks', { service, cids: [...cids] }, options)
      const blocks = read('blocks', isBlocks)
      if (blocks.length === 0 || blocks.length > cids.length) throw badAnswer(host, 'blocks')
      return blocks.map((bytes, i) => {
        if (bytes === null) return undefined
        verifyBlock(cids[i]!, bytes)
        return bytes
      })
    },
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? ''

const followedIn = (read: Read): Followed => ({
  commit: read('commit', isCid),
  seq: read('seq', isCount),
  time: read('time', isCount),
  events: read('events', isEventTexts),
  omitted: read('omitted', isCount),
  skipped: read('skipped', isCount),
})

/** The same of the arguments of a question. */
function fittingArguments(args: Uint8Array): Uint8Array {
  if (args.length <= MAX_REMOTE_ARGUMENT_BYTES) return args
  throw tooLarge('question', args.length, MAX_REMOTE_ARGUMENT_BYTES)
}

/** What is signed at home may be longer than a frame takes: said here, in words about calls. */
function fitting(envelope: Uint8Array): Uint8Array {
  if (envelope.length <= MAX_REMOTE_ENVELOPE_BYTES) return envelope
  throw tooLarge('call', envelope.length, MAX_REMOTE_ENVELOPE_BYTES)
}

function tooLarge(what: string, bytes: number, most: number): CallsError {
  const message = `The ${what} takes ${bytes} bytes, and ${most} are the most that goes to another node.`
  return new CallsError('ARGUMENTS_TOO_LARGE', message, 'send the arguments in parts')
}
