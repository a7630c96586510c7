/**
 * The module 'amigos:steps': calls of services on other nodes that can be repeated, and made good (specs/imports.md, "Making good"). It is code of the
 * contract like any other and keeps nothing: what it works on are plain objects in variables of the contract, so that they are shown and carried over.
 */
export const steps: string = `
import { ImportError, callId, caller, time } from 'amigos:runtime'

const ID_MAX = 1024, FORGOTTEN_AT_ONCE = 100

export class UndoneError extends Error {}
UndoneError.prototype.name = 'UndoneError'

/** Callers choose their IDs, so each has its own: nobody is answered what another did, or undoes it. */
const keyOf = id => {
  if (typeof id !== 'string' || id.length === 0 || id.length > ID_MAX)
    throw new TypeError('the ID of a step is a string of 1 to ' + ID_MAX + ' characters')
  return caller() + '/' + id
}

/** The record of an ID while its work is done, also behind an await, becomes what \`after\` makes of the answer, or what it was before. */
const working = (done, key, before, work, after) => {
  const failed = error => {
    if (before === undefined) done.delete(key)
    else done.set(key, before)
    throw error
  }
  const worked = answer => {
    // the newest is the last, for forget()
    done.delete(key)
    done.set(key, after(answer))
    return answer
  }
  done.set(key, { at: time(), state: 'running' })
  let answer
  try { answer = work() } catch (error) { failed(error) }
  return answer instanceof Promise ? answer.then(worked, failed) : worked(answer)
}
const notRunning = (record, id) => {
  if (record?.state === 'running') throw new Error(id + ' is under way in this very call')
}

export const once = (done, id, work) => {
  const key = keyOf(id), known = done.get(key)
  notRunning(known, id)
  if (known?.state === 'done') return known.answer
  if (known !== undefined) throw new UndoneError(id + ' was undone')
  return working(done, key, undefined, work, answer => ({ at: time(), state: 'done', answer }))
}

export const undo = (done, id, makeGood) => {
  const key = keyOf(id), known = done.get(key)
  notRunning(known, id)
  if (known?.state === 'undone') return
  const undone = () => ({ at: time(), state: 'undone' })
  if (known === undefined) done.set(key, undone())
  else return working(done, key, known, () => makeGood(known.answer), undone)
}

export const forget = (done, before) => {
  let count = 0
  for (const [key, { at }] of done) {
    if (at >= before || count === FORGOTTEN_AT_ONCE) break
    done.delete(key)
    count++
  }
  return count
}

/** What the other service says itself: it did nothing, and will not. All else is trouble on the way, or may pass. */
const REFUSED = new Set([
  'CONTRACT_THREW', 'ACCESS_DENIED', 'NO_SUCH_FUNCTION', 'BAD_ARGUMENTS', 'ARGUMENTS_INVALID', 'ARGUMENTS_NOT_VALUES', 'ARGUMENTS_TOO_LARGE',
  'NEVER_SETTLED', 'OUT_OF_GAS', 'OUT_OF_MEMORY', 'STACK_OVERFLOW', 'CHANGE_TOO_LARGE', 'RESULT_TOO_LARGE', 'RESULT_NOT_A_VALUE',
])

export const begin = (id, wishes) => ({
  id,
  call: callId(),
  state: wishes.length === 0 ? 'done' : 'wanted',
  steps: wishes.map(([kind, ...args], i) => ({ kind, args, state: i === 0 ? 'wanted' : 'later' })),
})

export const giveUp = (work, why = '') => {
  if (work.state !== 'wanted' && work.state !== 'done') return
  work.state = 'giving up'
  work.call = callId()
  work.why = why
}

/** Nothing is asked for that is said in no commit: if the call failed after that, nobody would know of it. */
const notSaidNow = work => {
  if (work.call === callId() && work.call !== '')
    throw new Error(work.id + ' is ' + work.state + ' since this very call: proceed in another')
}

/** @returns the failure, if it is one of an import; undefined if there is none */
const failureOf = async asked => {
  try { await asked() } catch (error) {
    if (!(error instanceof ImportError)) throw error
    return error
  }
}

const askNext = async (work, kinds) => {
  const place = work.steps.findIndex(({ state }) => state === 'wanted'), step = work.steps[place]
  const failure = await failureOf(async () => { step.answer = await kinds[step.kind].ask(work.id + '/' + place, ...step.args) })
  if (failure !== undefined) {
    step.why = failure.message
    if (REFUSED.has(failure.code)) giveUp(work, failure.message)
    return
  }
  delete step.why
  step.state = 'done'
  if (work.state !== 'wanted') return
  work.call = callId()
  const next = work.steps[place + 1]
  if (next === undefined) work.state = 'done'
  else if (next.state === 'later') next.state = 'wanted'
}

const undoAll = async (work, kinds) => {
  let left = 0
  for (const [place, step] of [...work.steps.entries()].reverse()) {
    if (step.state !== 'done' && step.state !== 'wanted') continue
    const failure = await failureOf(() => kinds[step.kind].undo(work.id + '/' + place))
    if (failure === undefined) {
      delete step.why
      step.state = 'undone'
    } else {
      step.why = failure.message
      left++
    }
  }
  if (left === 0) work.state = 'given up'
}

export const proceed = async (work, kinds) => {
  const goOn = work.state === 'wanted' ? askNext : work.state === 'giving up' ? undoAll : undefined
  if (goOn !== undefined) {
    notSaidNow(work)
    await goOn(work, kinds)
  }
  return work.state
}
`
