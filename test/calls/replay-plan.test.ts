/** Which commits are executed: down to the first one, to what was executed before, or to where the history on this node begins. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { type PlanParts, planReplay } from '../../daemon/calls/replay/plan.ts'
import type { Header } from '../../daemon/calls/replay/types.ts'
import { rawBlock } from '../../daemon/store/block.ts'
import { StoreError } from '../../daemon/store/errors.ts'
import { never } from './lifecycle-kit.ts'

const cid = (name: string): CID => rawBlock(Buffer.from(name)).cid

/** `a` has six commits; `b` is forked from its fourth and has three. */
const HISTORIES: Record<string, Header> = {}
for (const [name, length, origin] of [
  ['a', 6, undefined],
  ['b', 3, 'a3'],
] as const) {
  for (let seq = 0; seq < length; seq++) {
    HISTORIES[`${name}${seq}`] = {
      commit: cid(`${name}${seq}`),
      seq,
      service: cid(`${name}0`),
      parent: seq === 0 ? undefined : cid(`${name}${seq - 1}`),
      origin: seq === 0 && origin ? cid(origin) : undefined,
    }
  }
}
const nameOf = (commit: CID): string => Object.keys(HISTORIES).find((name) => cid(name).equals(commit))!

interface World {
  missing?: string[]
  replayed?: Record<string, string>
  base?: Record<string, string>
}

async function plan(to: string, { missing = [], replayed = {}, base = {} }: World = {}, again = false, after?: string) {
  const parts: PlanParts = {
    source: {
      async header(commit) {
        const name = nameOf(commit)
        if (missing.includes(name)) throw new StoreError('BLOCK_MISSING', 'gone', [commit])
        return HISTORIES[name]!
      },
    },
    rows: {
      async get(service) {
        const upTo = replayed[nameOf(service)]
        return upTo === undefined ? {} : { upTo: { commit: cid(upTo), seq: Number(upTo.slice(1)) } }
      },
    },
    history: {
      head: async (service) => (base[nameOf(service)] ? ({} as never) : undefined),
      commit: async () => assert.fail(),
      at: async () => assert.fail(),
      base: async (service) => ({ commit: cid(base[nameOf(service)]!), seq: 0, checkpoint: service }),
    },
  }
  const found = await planReplay(parts, cid(to), {
    again,
    from: after === undefined ? undefined : cid(after),
    signal: never,
  })
  const from = found.base === undefined ? '' : `${nameOf(found.base.commit)}: `
  const steps = found.commits.map(({ commit }) => nameOf(commit)).join(' ')
  return `${from}${steps}${found.isProven ? '' : ' (signed)'}`
}

describe('the plan of a replay', () => {
  it('begins with the first commit', async () => {
    assert.equal(await plan('a2'), 'a0 a1 a2')
    assert.equal(await plan('a0'), 'a0')
  })

  it('goes on through the history that a service was forked from', async () => {
    assert.equal(await plan('b2'), 'a0 a1 a2 a3 b0 b1 b2')
  })

  it('begins after what was executed before, unless all is wanted again', async () => {
    assert.equal(await plan('a5', { replayed: { a0: 'a3' } }), 'a3: a4 a5')
    assert.equal(await plan('a5', { replayed: { a0: 'a5' } }), 'a5: ')
    assert.equal(await plan('b1', { replayed: { a0: 'a2' } }), 'a2: a3 b0 b1')
    assert.equal(await plan('a5', { replayed: { a0: 'a3' } }, true), 'a0 a1 a2 a3 a4 a5')
    // what was executed before is newer than what is asked for, or no part of it
    assert.equal(await plan('a2', { replayed: { a0: 'a4' } }), 'a0 a1 a2')
    assert.equal(await plan('b0', { replayed: { a0: 'a5' } }), 'a0 a1 a2 a3 b0')
  })

  it('begins where a history was pruned, which is only signed', async () => {
    assert.equal(await plan('a5', { base: { a0: 'a2' } }), 'a2: a3 a4 a5 (signed)')
    assert.equal(await plan('a5', { base: { a0: 'a0' } }), 'a0 a1 a2 a3 a4 a5')
    assert.equal(await plan('b1', { base: { a0: 'a2' } }), 'a2: a3 b0 b1 (signed)')
    assert.equal(await plan('a5', { base: { a0: 'a2' }, replayed: { a0: 'a4' } }), 'a4: a5')
  })

  it('begins with the first state of a fork whose origin is not here, or not all of it', async () => {
    assert.equal(await plan('b2', { missing: ['a3'] }), 'b0: b1 b2 (signed)')
    assert.equal(await plan('b2', { missing: ['a1'] }), 'b0: b1 b2 (signed)')
    assert.equal(await plan('b0', { missing: ['a3'] }), 'b0:  (signed)')
  })

  it('begins after the commit that was named, whose state is only signed', async () => {
    assert.equal(await plan('a5', {}, true, 'a3'), 'a3: a4 a5 (signed)')
    assert.equal(await plan('a5', {}, true, 'a5'), 'a5:  (signed)')
    assert.equal(await plan('a5', { base: { a0: 'a2' } }, true, 'a3'), 'a3: a4 a5 (signed)')
    assert.equal(await plan('b2', {}, true, 'a1'), 'a1: a2 a3 b0 b1 b2 (signed)')
    assert.equal(await plan('b2', {}, true, 'b0'), 'b0: b1 b2 (signed)')
    assert.equal(await plan('b2', {}, true, 'a0'), 'a0: a1 a2 a3 b0 b1 b2 (signed)')
    for (const [world, after] of [
      [{}, 'a5'],
      [{ base: { a0: 'a2' } }, 'a1'],
      [{ missing: ['a1'] }, 'a0'],
    ] as const)
      await assert.rejects(plan('a4', { ...world, missing: [...(world.missing ?? [])] }, true, after), { code: /./ })
  })

  it('says what is missing of the commit itself', async () => {
    await assert.rejects(plan('a3', { missing: ['a3'] }), { code: 'BLOCK_MISSING' })
  })
})
