/** The methods of the local API that look at histories: log, show, state, diff, usage, verify. */
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import type { GetCopy } from '../pull/copy.ts'
import type { Identity, Waiting } from '../types.ts'
import { type CompareStates, comparedToJson } from '../view/compare-states.ts'
import type { ReadHistory } from '../view/read-history.ts'
import type { ReadState } from '../view/read-state.ts'
import type { ReadUsage } from '../view/read-usage.ts'
import type { VerifyUseCase } from '../view/verify.ts'
import { parseCommit } from './parse.ts'

export interface ReadingParts {
  identity: Identity
  getCopy: GetCopy
  readHistory: ReadHistory
  readState: ReadState
  compareStates: CompareStates
  readUsage: ReadUsage
  verify: VerifyUseCase
  /** undefined for what is no username */
  verifyName: (name: string, waiting: Waiting) => Promise<Methods['verify']['result'] | undefined>
}

export type Reading = Pick<Implementation, 'log' | 'show' | 'state' | 'diff' | 'usage' | 'verify'>

export function createReading(parts: ReadingParts): Reading {
  const { identity, getCopy, readHistory, readState, compareStates, readUsage, verify, verifyName } = parts

  return {
    async log({ name, limit, before }, waiting) {
      const { head, at, stale } = await getCopy(name, waiting)
      const { signal } = waiting
      const from = before === undefined ? undefined : parseCommit(before)
      // a name with a commit asks for the history up to it
      const found = await readHistory.log(head, { limit, from: at, before: from, signal })
      return { ...found, ...(stale && { stale }) }
    },

    show: ({ commit }) => readHistory.show(commit),

    async state({ name, path = [], at }, waiting) {
      const copy = await getCopy(name, waiting)
      const { service, stale } = copy
      const asking = { from: 'local', signal: waiting.signal }
      const wanted = at === undefined ? copy.at : parseCommit(at)
      const found = await readState.read({ service, at: wanted, path, user: identity.user }, asking)
      const cid = await readState.offer(service, found.state)
      const ids = { service: service.toString(), commit: found.commit.toString(), cid: cid.toString() }
      return { ...found, ...ids, ...(stale && { stale }) }
    },

    async diff({ a, b }, waiting) {
      const from = await getCopy(a, waiting)
      const to = await getCopy(b, waiting)
      waiting.onProgress?.({ doing: 'comparing', done: 0 })
      const asking = { user: identity.user, from: 'local', signal: waiting.signal }
      const stale = from.stale ?? to.stale
      return { ...comparedToJson(await compareStates(from, to, asking)), ...(stale && { stale }) }
    },

    async usage({ name }, waiting) {
      const { head, at, stale } = await getCopy(name, waiting)
      return { ...(await readUsage(head, at, waiting)), ...(stale && { stale }) }
    },

    async verify(params, waiting) {
      if ('receipt' in params) return verify.receipt(params.receipt, waiting)
      const from = params.from === undefined ? undefined : parseCommit(params.from)
      return (await verifyName(params.name, waiting)) ?? verify.service(params.name, { ...waiting, from })
    },
  }
}
