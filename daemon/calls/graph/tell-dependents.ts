/** What nodes tell each other of who depends on what: the method `dependents` of specs/internode.md, section 12. */
import type { CID } from 'multiformats/cid'
import { MAX_TIME_MS } from '../../../protocol/constants.ts'
import { isPeerId, isUserId } from '../../../protocol/signed/user-id.ts'
import type { Handler, Internode } from '../../../protocol/types.ts'
import { MAX_PAGES_PER_SOURCE, MAX_PAGES_QUEUE, MAX_PAGES_READ } from '../constants.ts'
import { makeGrant } from '../remote/grant.ts'
import { type ShownServiceParts, shownService } from '../remote/shown-service.ts'
import {
  badAnswer,
  badRequest,
  isBytesIfAny,
  isCid,
  isCidOrNull,
  isCount,
  isCountOrNull,
  isFlag,
  isText,
  type Read,
  reader,
} from '../remote/wire.ts'
import { checkAccess, checkAnyAccess } from '../run/check-access.ts'
import { createFairQueue } from '../run/fair-queue.ts'
import { notHere } from '../run/instances.ts'
import { busy } from '../run/slots.ts'
import { GRAPH_UP_MS, MAX_TOLD_CHARS, MAX_TOLD_DEPENDENTS } from './constants.ts'
import type { LocalDependents } from './local-dependents.ts'
import type { Targets } from './targets.ts'
import type { Dependent, KnownDependents } from './types.ts'

export interface AnswerDependentsParts extends ShownServiceParts {
  localDependents: LocalDependents
  targets: Pick<Targets, 'isPublished'>
}

/** Who called is told to those who may read the history, in which it stands. */
export function createAnswerDependents(parts: AnswerDependentsParts): Handler {
  const { localDependents, targets, history } = parts
  // a history may have to be read for it
  const turns = createFairQueue({
    ...{ concurrency: MAX_PAGES_READ, perSource: MAX_PAGES_PER_SOURCE, total: MAX_PAGES_QUEUE },
    refuse: busy,
  })

  const answer: Handler = async (body, { peer, signal }) => {
    const read = reader(body, badRequest)
    const of = read('of', isCid)
    const grant = read('envelope', isBytesIfAny) ?? undefined
    let mayRead = true
    if ((await history.head(of)) !== undefined) {
      await shownService(parts, {
        ...{ service: of, peer, grant },
        check(contract, asker) {
          checkAnyAccess(contract, asker)
          try {
            checkAccess(contract, asker, 'history')
          } catch {
            mayRead = false
          }
        },
      })
    } else if (!(await targets.isPublished(of))) throw notHere(of)
    const known = await localDependents(of, { signal })
    const open = known.dependents.filter(({ isPrivate, known }) => !isPrivate && (mayRead || known !== 'called'))
    const dependents = open.slice(0, MAX_TOLD_DEPENDENTS).map((one) => toldOf(one, mayRead))
    return { dependents, more: known.more || open.length > dependents.length }
  }
  return (body, context) => turns.run(() => answer(body, context), { from: context.peer, signal: context.signal })
}

function toldOf(one: Dependent, mayRead: boolean): object {
  const { mode, service, user, host, label, version, contract, range, pinned, calls, at } = one
  const read = mayRead ? { calls: calls ?? null, at: at ?? null } : { calls: null, at: null }
  const rest = { name: label ?? null, version: version ?? null, contract: contract ?? null, range: range ?? null }
  return { mode, service, user, host, ...rest, pinned: pinned ?? null, ...read }
}

export interface AskDependentsParts {
  internode: Pick<Internode, 'request'>
  identity: Parameters<typeof makeGrant>[1]
}

/** What another node says of who depends on something there: its word, in which every field is checked. */
export type AskDependents = (host: string, of: CID, options: { signal: AbortSignal }) => Promise<KnownDependents>

export function createAskDependents({ internode, identity }: AskDependentsParts): AskDependents {
  return async (host, of, { signal }) => {
    const ask = (more: object): Promise<unknown> =>
      internode.request(host, 'dependents', { of, ...more }, { signal, timeoutMs: GRAPH_UP_MS })
    const answer = await ask({}).catch(async (error: { code?: string }) => {
      if (error.code !== 'ACCESS_DENIED') throw error
      return ask({ envelope: await makeGrant(of, identity, 'history') })
    })
    const read = reader(answer, (field) => badAnswer(host, field))
    return {
      dependents: read('dependents', isList).map((one) => dependentIn(reader(one, (field) => badAnswer(host, field)))),
      more: read('more', isFlag),
    }
  }
}

function dependentIn(read: Read): Dependent {
  return {
    known: 'told',
    ...{
      mode: read('mode', isMode),
      service: read('service', isCid),
      user: read('user', isUser),
      host: read('host', isHost),
    },
    ...{ label: read('name', isLabelOrNull) ?? undefined, version: read('version', isTextOrNull) ?? undefined },
    contract: read('contract', isCidOrNull) ?? undefined,
    ...{ range: read('range', isTextOrNull) ?? undefined, pinned: read('pinned', isTextOrNull) ?? undefined },
    ...{ calls: read('calls', isCountOrNull) ?? undefined, at: read('at', isTimeOrNull) ?? undefined },
  }
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length <= MAX_TOLD_DEPENDENTS
const isMode = (value: unknown): value is Dependent['mode'] =>
  value === 'live' || value === 'fork' || value === 'code' || value === 'called'
/** The empty text where that could not be read. */
const isUser = (value: unknown): value is string => value === '' || (isText(value) && isUserId(value))
const isHost = (value: unknown): value is string => isText(value) && isPeerId(value)
/** What a user calls a service, with a version where it needs one. */
const isLabelOrNull = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && value.length <= MAX_TOLD_CHARS && LABEL.test(value))
const LABEL = /^[a-z0-9]+(-[a-z0-9]+)*(@[0-9A-Za-z.-]+)?$/
const isTextOrNull = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && value.length <= MAX_TOLD_CHARS)
/** What a Date holds. */
const isTimeOrNull = (value: unknown): value is number | null =>
  value === null || (isCount(value) && value <= MAX_TIME_MS)
