/** Calls that call other services of the same node: all of it happens, or nothing. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { decodeInputs } from '../../daemon/calls/tree/inputs.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { createKit, never } from './lifecycle-kit.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add', 'read'] })}
let total = 0
export async function twice(by: number): Promise<number> {
  total += by
  await counter$add(by)
  return counter$add(by)
}
export async function both(by: number): Promise<number[]> {
  total++
  return Promise.all([counter$add(by), counter$add(by), counter$read()])
}
export async function careful(by: number): Promise<string> {
  total++
  await counter$add(1)
  try { await counter$add(by) } catch (error: any) { return error.code + ' ' + error.service + ' ' + error.message }
  return 'done'
}
export async function careless(by: number): Promise<void> {
  total++
  await counter$add(by)
  throw new Error('changed my mind')
}
/** @query */
export function sum(): number { return total }
/** @query */
export async function seen(): Promise<number> { return counter$read() }
`

const ALBUM = `
import { get, put } from 'amigos:content'
const seen: string[] = []
const bytesOf = (text: string): Uint8Array => Uint8Array.from([...text].map((one) => one.charCodeAt(0)))
export function add(text: string): string { const cid = put(bytesOf(text)); seen.push(cid); return cid }
export function spoil(text: string): void { throw new Error(put(bytesOf(text))) }
export function length(cid: string): number { seen.push(cid); return get(cid).length }
/** @query */
export function look(cid: string): number { return get(cid).length }
`
const VIEWER = `${importing({ album: ['add', 'spoil', 'length', 'look'] })}
import { get } from 'amigos:content'
let n = 0
export async function show(text: string): Promise<number[]> {
  n++
  const cid = await album$add(text)
  return [await album$length(cid), await album$look(cid), get(cid).length]
}
export async function lose(text: string): Promise<number> {
  n++
  let cid = ''
  try { await album$spoil(text) } catch (error: any) { cid = /b[a-z2-7]{58}/.exec(error.message)![0] }
  return get(cid).length
}
`

describe('a call that calls others on its node', () => {
  let host: Host
  let counter: CID
  let caller: CID

  before(async () => {
    host = await startHost()
    counter = await host.serve(COUNTER, { as: 'counter' })
    caller = await host.serve(CALLER, { as: 'caller', imports: [await live(host, 'counter', counter)] })
  })
  after(() => host.stop())

  const state = async (): Promise<unknown[]> => [await host.query(caller, 'sum'), await host.query(counter, 'read')]
  const seqs = async (): Promise<number[]> =>
    Promise.all([caller, counter].map(async (service) => (await host.history.head(service))!.seq))

  it('gets their results, and says who called', async () => {
    assert.equal(resultOf(await host.call(caller, 'twice', [2])), 4)
    assert.deepEqual(await state(), [2, 4])
    const who = { caller: caller.toString(), origin: host.identity.user, chain: [caller.toString()] }
    assert.deepEqual(await host.query(counter, 'who'), who)
  })

  it('is one commit of its own, and one of theirs for each call, with the answers in it', async () => {
    const before = await seqs()
    const { commit } = await host.call(caller, 'twice', [1])
    assert.deepEqual(await seqs(), [before[0]! + 1, before[1]! + 2])
    const [record] = (await host.history.commit(commit)).calls
    const inputs = decodeInputs(record!.inputs)
    assert.deepEqual(
      inputs.map(({ service, answer }) => [service?.toString(), answer.ok && resultOf(answer)]),
      [
        [counter.toString(), 5],
        [counter.toString(), 6],
      ],
    )
    assert.ok(inputs.every(({ receipt }) => receipt !== undefined))
  })

  it('asks several at once, in the order in which it asks', async () => {
    const [sum, n] = (await state()) as [number, number]
    assert.deepEqual(resultOf(await host.call(caller, 'both', [10])), [n + 10, n + 20, n + 20])
    assert.deepEqual(await state(), [sum + 1, n + 20])
  })

  it('catches what they refuse, and what was done before stays', async () => {
    const [sum, n] = (await state()) as [number, number]
    assert.match(
      `${resultOf(await host.call(caller, 'careful', [-1]))}`,
      /^CONTRACT_THREW local.land\/_\/counter .*no less/,
    )
    assert.deepEqual(await state(), [sum + 1, n + 1])
  })

  it('undoes what they did when it fails', async () => {
    const before = await state()
    const at = await seqs()
    await assert.rejects(host.call(caller, 'careless', [5]), { code: 'CONTRACT_THREW' })
    await assert.rejects(host.call(caller, 'twice', [-5]), { code: 'CONTRACT_THREW' })
    assert.deepEqual(await state(), before)
    assert.deepEqual(await seqs(), at)
    assert.equal(resultOf(await host.call(counter, 'add', [0])), before[1])
  })

  it('asks in a query, too', async () => {
    assert.equal(await host.query(caller, 'seen'), await host.query(counter, 'read'))
    // what a call would do is tried, and nothing comes of it
    const before = await state()
    assert.equal(await host.query(caller, 'twice', [7]), (before[1] as number) + 7)
    assert.deepEqual(await state(), before)
  })

  it('is executed once, however often it comes', async () => {
    const envelope = await host.sign(caller, 'twice', [1])
    const asking = { from: 'local', signal: new AbortController().signal }
    const [one, two] = await Promise.all([host.execute(envelope, asking), host.execute(envelope, asking)])
    assert.deepEqual([`${one.commit}`, resultOf(one)], [`${two.commit}`, resultOf(two)])
    assert.equal(`${(await host.execute(envelope, asking)).commit}`, `${one.commit}`)
  })

  it('reads content that was written for it just before', async () => {
    const album = await host.serve(ALBUM, { as: 'album' })
    const viewer = await host.serve(VIEWER, { as: 'viewer', imports: [await live(host, 'album', album)] })
    assert.deepEqual(resultOf(await host.call(viewer, 'show', ['a picture'])), [9, 9, 9])
    assert.equal(resultOf(await host.call(viewer, 'show', ['another picture']))?.toString(), '15,15,15')
    // what is undone was never written
    await assert.rejects(host.call(viewer, 'lose', ['a lost picture']), { code: 'CONTENT_NOT_FOUND' })
    const kit = createKit(host)
    for (const service of [album, viewer]) {
      const found = await kit.replay((await kit.head(service)).commit, { again: true, signal: never })
      assert.equal(found.mismatch, undefined)
    }
    await kit.stop()
  })
})
