/** Everything that a contract can get hold of: what is new here was put there on purpose. */
import assert from 'node:assert/strict'
import { guestModules } from '../../daemon/vm/guest/modules.ts'
import { end, loadTestEngine, machineOf, request } from './kit.ts'

const GLOBALS = `
  AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date DisposableStack Error
  EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator
  JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String SuppressedError Symbol
  Symbol(Symbol.toStringTag) SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet console
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt queueMicrotask undefined
  unescape`
/** log is not among them because console.log is the same. */
const MODULES = `
  content.get content.put context.callId context.caller context.chain context.gasLeft context.origin context.owner context.random context.randomBytes context.service context.time
  crypto.sha256 crypto.verify events.emit imports.ImportError imports.ImportError.prototype imports.importFunction state.register
  steps.UndoneError steps.UndoneError.prototype steps.begin steps.forget steps.giveUp steps.once steps.proceed steps.undo`

/** Walks properties and prototypes, and runs nothing. */
const CONTRACT = `
  import * as content from 'amigos:content'
  import * as context from 'amigos:context'
  import * as crypto from 'amigos:crypto'
  import * as events from 'amigos:events'
  import * as imports from 'amigos:imports'
  import * as state from 'amigos:state'
  import * as steps from 'amigos:steps'
  const given = { content, context, crypto, events, imports, state, steps }
  const reach = (start, path, known, found) => {
    const waiting = [[start, path]]
    for (const [value, at] of waiting) {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || known.has(value)) continue
      known.add(value)
      found.push(at)
      waiting.push([Object.getPrototypeOf(value), at + '^'])
      for (const key of Reflect.ownKeys(value)) {
        const { value: own, get, set } = Object.getOwnPropertyDescriptor(value, key)
        for (const next of [own, get, set]) waiting.push([next, at + '.' + String(key)])
      }
    }
    return found
  }
  export const globals = () => Reflect.ownKeys(globalThis).map(String).sort()
  export const hosted = () => reach(globalThis, '', new Set(), []).filter(at => /host|amigos/i.test(at))
  export const modules = () => {
    const known = new Set()
    for (const ofLanguage of [globalThis, async () => {}]) reach(ofLanguage, '', known, [])
    return Object.entries(given).flatMap(([name, space]) => reach(space, name, known, [])).filter(at => at.includes('.')).sort()
  }
  export const changed = () => Object.entries(given).flatMap(([name, space]) => Reflect.ownKeys(space).filter(key => {
    try { space[key] = 1; return true } catch { return false }
  }))
`
const words = (text: string): string[] => text.trim().split(/\s+/)

describe('vm: what a contract can reach', () => {
  const ask = async (method: string): Promise<unknown> => {
    const machine = machineOf(await loadTestEngine(), CONTRACT)
    return JSON.parse(end(machine.query(request(method))))
  }

  it('these globals', async () => assert.deepEqual(await ask('globals'), words(GLOBALS)))

  it('nothing of the host among what they lead to', async () => assert.deepEqual(await ask('hosted'), []))

  it('these functions of the modules, and nothing through them', async () =>
    assert.deepEqual(await ask('modules'), words(MODULES)))

  it('none that it can replace in the modules', async () => assert.deepEqual(await ask('changed'), []))

  it('these modules', () =>
    assert.deepEqual(guestModules['contract.js']?.imports, [
      'amigos:context',
      'amigos:events',
      'amigos:crypto',
      'amigos:content',
      'amigos:imports',
      'amigos:steps',
      'amigos:state',
    ]))
})
