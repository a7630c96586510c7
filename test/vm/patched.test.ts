/** A contract that replaces the language around it neither breaks nor fools what passes values in and out. */
import assert from 'node:assert/strict'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { end, loadTestEngine, machineOf, request } from './kit.ts'

/** Every method, getter and constructor that can be reached, replaced by a function that lies; and traps for inherited keys. */
const CONTRACT = `
  import { caller } from 'amigos:context'
  const value = () => ({
    list: [1, 'two', [3n]], bytes: new Uint8Array([1, 2, 3]), map: new Map([['k', new Set([1])]]), when: new Date(0),
    odd: -0, tagged: { '/': 1 }, nothing: null,
  })
  const ready = value()
  const ObjectPrototype = Object.prototype
  const lie = function () { return { then(f) { f('lie') }, toJSON: () => 'lie', length: 99, 0: 'lie' } }
  export function patch() {
    const seen = new Set()
    const { getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Object, { ownKeys } = Reflect
    const visit = object => {
      if ((typeof object !== 'object' && typeof object !== 'function') || object === null || seen.has(object)) return
      seen.add(object)
      if (object === ready || object === lie) return
      for (const key of ownKeys(object)) {
        const d = getOwnPropertyDescriptor(object, key)
        visit(d.value); visit(d.get); visit(d.set)
      }
      visit(getPrototypeOf(object))
    }
    visit(globalThis)
    visit(getPrototypeOf(getPrototypeOf([][Symbol.iterator]())))
    const all = [...seen].filter(o => o !== ready && o !== lie && o !== globalThis)
    let patched = 0
    for (let i = 0; i < all.length; i++) for (let k = 0, keys = ownKeys(all[i]); k < keys.length; k++) {
      const object = all[i], key = keys[k], d = getOwnPropertyDescriptor(object, key)
      if (!d.configurable && !d.writable) continue
      try {
        if (d.get || d.set) defineProperty(object, key, { get: lie, set: lie })
        else if (typeof d.value === 'function') object[key] = lie
        else continue
        patched++
      } catch {}
    }
    const evil = { __proto__: null, get: lie, set(v) { stolen++ }, configurable: true }
    const inherited = ['0', '1', '/', 'why', 'then', 'toJSON', 'get', 'set', 'value', 'writable', 'enumerable', 'name', 'message',
      'bytes', 'bigint', 'alphabet', 'omitPadding', 'lastChunkHandling', 'undefined', 'object', 'string']
    for (let i = 0; i < inherited.length; i++) defineProperty(ObjectPrototype, inherited[i], evil)
    globalThis.Object = globalThis.JSON = globalThis.Array = globalThis.Map = globalThis.Uint8Array = globalThis.Promise = lie
    globalThis.Reflect = globalThis.Symbol = globalThis.String = globalThis.Error = globalThis.Function = undefined
    return patched
  }
  let stolen = 0
  export const give = () => ready
  export const giveLater = async () => { await null; return ready }
  export const echo = (...args) => args[0]
  export const who = () => caller()
  export const fail = () => { throw new TypeError('plain') }
  export const refuse = () => [() => 1]
  export const thefts = () => stolen
  export const random = () => Math.random
`

const VALUE =
  '{"list":[1,"two",[{"/":{"bigint":"3"}}]],"bytes":{"/":{"bytes":"AQID"}},"map":{"/":{"map":[["k",{"/":{"set":[1]}}]]}},' +
  '"when":{"/":{"date":"1970-01-01T00:00:00.000Z"}},"odd":{"/":{"number":"-0"}},"tagged":{"/":{"object":[["/",1]]}},"nothing":null}'

describe('vm/guest, under a contract that patches the language', () => {
  let machine: Machine
  const call = (method: string, args: unknown[] | string = []) => machine.call(request(method, args)).outcome

  before(async () => {
    machine = machineOf(await loadTestEngine(), CONTRACT)
    const patched = call('patch')
    assert(Number(end(patched)) > 500, JSON.stringify(patched.ok || patched.error))
  })

  it('encodes results', () => {
    assert.equal(end(call('give')), VALUE)
  })

  it('settles promises', () => {
    assert.equal(end(call('giveLater')), VALUE)
  })

  it('decodes arguments', () => {
    const args = '[{"/":{"map":[["k",{"/":{"bytes":"AQID"}}]]}}]'
    assert.equal(end(call('echo', args)), args.slice(1, -1))
    assert.equal(
      end(call('echo', '[{"__proto__":{"a":1},"x":{"/":{"bigint":"1"}}}]')),
      '{"__proto__":{"a":1},"x":{"/":{"bigint":"1"}}}',
    )
    assert.equal(end(call('echo', '[{"/":{"cid":1}}]')), 'ARGUMENTS_NOT_VALUES')
  })

  it('tells the caller', () => {
    assert.equal(end(call('who')), '"user:caller"')
  })

  it('keeps its codes', () => {
    assert.equal(end(call('fail')), 'CONTRACT_THREW')
    assert.equal(end(call('refuse')), 'RESULT_NOT_A_VALUE')
    assert.equal(end(call('toString')), 'NO_SUCH_FUNCTION')
  })

  it('assigns to nothing that the contract can hear of', () => {
    assert.equal(end(call('thefts')), '0')
  })
})
