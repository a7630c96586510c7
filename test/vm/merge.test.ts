import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Outcome } from '../../daemon/vm/types.ts'
import { bytes, end, loadTestEngine, machineOf, message, request } from './kit.ts'
import { registered } from './registered.ts'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const merge = (source: string, states: string): Outcome =>
  Machine.genesis(engine, bytes(source), request('merge', states), { audit: true }).outcome

describe('vm/merge', () => {
  it('gives three states to the contract, as plain values, and shows what comes of them', () => {
    const source =
      'export const merge = (base, mine, theirs) => ({ n: mine.n + theirs.n - base.n, on: theirs.on instanceof Date })'
    const states = '[{"n":1},{"n":3},{"n":11,"on":{"/":{"date":"2026-11-21T00:00:00.000Z"}}}]'
    assert.equal(end(merge(source, states)), '{"n":13,"on":true}')
  })

  it('shows instances of classes, what is shared, and cycles, as a state does', () => {
    const source = registered(
      'class Post { constructor(t) { this.t = t } }\nlet v\nexport const merge = (base, mine) => { const post = new Post(mine.v.t); post.self = post; return { v: post, again: post } }',
      'v',
      'Post',
    )
    const mine = '{"v":{"/":{"class":["Post",{"t":"hi"}]}}}'
    assert.equal(
      end(merge(source, `[{},${mine},{}]`)),
      '{"v":{"/":{"class":["Post",{"t":"hi","self":{"/":{"ref":"/v"}}}]}},"again":{"/":{"ref":"/v"}}}',
    )
  })

  it('gives instances of the classes that the code has, and keeps what the code itself holds out of it', () => {
    const source = registered(
      "class Post { text() { return this.t + '!' } }\nlet posts = []\nconst table = { f: () => 1, n: 2 }\nconst same = [1]\nexport const merge = (base, mine, theirs) => [mine.posts[0].text(), theirs.posts[0] instanceof Post, theirs.posts[1].constructor === Object, 'table' in mine, mine.same[0]]",
      'posts, table, same',
      'Post',
      '',
      'table, same',
    )
    const state = (t: string, name: string) =>
      `{"posts":[{"/":{"class":["Post",{"t":"${t}"}]}},{"/":{"class":["${name}",{}]}}],"table":{"f":{"/":{"function":"f"}},"n":2},"same":[1]}`
    assert.equal(
      end(merge(source, `[${state('a', 'Post')},${state('b', 'Post')},${state('c', 'Gone')}]`)),
      '["b!",true,true,false,1]',
    )
  })

  it('refuses what would be lost, unless the contract migrates itself', () => {
    const source = registered('let f\nexport const merge = (base, mine) => ({ f: mine.f === undefined })', 'f')
    const states = '[{},{"f":{"/":{"function":"f"}}},{}]'
    assert.equal(end(merge(source, states)), 'MIGRATION_NEEDED')
    assert.equal(end(merge(`export const migrate = old => {}\n${source}`, states)), '{"f":true}')
    const closed = registered(
      'class Box { #x = 1 }\nlet v\nexport const merge = () => 1',
      'v',
      'Box',
      ", { Box: ['#x'] }",
    )
    assert.equal(end(merge(closed, '[{},{"v":{"/":{"class":["Box",{}]}}},{}]')), 'MIGRATION_NEEDED')
  })

  it('keeps references of each state to itself', () => {
    const states = '[{"a":{"x":1},"b":{"/":{"ref":"/a"}}},{"a":[2],"b":{"/":{"ref":"/a"}}},{}]'
    const source = 'export const merge = (base, mine) => [base.a === base.b, mine.a === mine.b, base.a.x, mine.a[0]]'
    assert.equal(end(merge(source, states)), '[true,true,1,2]')
  })

  it('may take its time, and may refuse', () => {
    assert.equal(
      end(merge('export const merge = async (b, m, t) => { await null; return t }', '[1,2,{"n":3}]')),
      '{"n":3}',
    )
    const refused = merge('export const merge = () => { throw new Error("both changed /title") }', '[{},{},{}]')
    assert.deepEqual([end(refused), message(refused)], ['CONTRACT_THREW', 'Error: both changed /title'])
    assert.equal(end(merge('export const merge = () => new Promise(() => {})', '[{},{},{}]')), 'NEVER_SETTLED')
  })

  it('is what the contract exports, or there is none', () => {
    assert.equal(end(merge('export const add = () => 1', '[{},{},{}]')), 'NO_SUCH_FUNCTION')
    assert.equal(end(merge('export const merge = 1', '[{},{},{}]')), 'NO_SUCH_FUNCTION')
  })

  it('is called by nobody else', () => {
    const machine = machineOf(engine, 'export const merge = () => 1')
    assert.equal(end(machine.call(request('merge')).outcome), 'NO_SUCH_FUNCTION')
  })

  for (const states of [
    '',
    '{}',
    '[]',
    '[1,2]',
    '[1,2,3,4]',
    '[1,2,{"/":{"nonsense":1}}]',
    '[1,2,{"a":{"/":{"ref":"/0"}}}]',
  ])
    it(`refuses the states ${states}`, () => {
      assert.equal(end(merge('export const merge = () => 1', states)), 'ARGUMENTS_NOT_VALUES')
    })
})
