import assert from 'node:assert/strict'
import { mergeLists } from '../../registry/home/merge.ts'
import type { NodeEntry, NodeList } from '../../registry/home/types.ts'
import { link, listOf, NETWORK, NOON, service, version } from './helpers.ts'

const entry = (node: string, list: NodeList): NodeEntry => ({
  record: { node, user: 'u', network: NETWORK, seq: 1, issued: NOON, expires: NOON + 1, list: link('list') },
  list,
})
const homeWith = (...nodes: string[]) => ({ nodes, page: null, usernames: [] })

describe('the lists of a user’s nodes', () => {
  it('are put together in the order of the home, those of other nodes left out', () => {
    const entries = [entry('b', listOf('chat')), entry('stranger', listOf('trap')), entry('a', listOf('forum'))]
    const { services, versions, warnings } = mergeLists(homeWith('a', 'b', 'silent'), entries)
    assert.deepEqual(
      services.map(({ name, host }) => [name, host]),
      [
        ['forum', 'a'],
        ['chat', 'b'],
      ],
    )
    assert.deepEqual(
      versions.map(({ name }) => name),
      ['forum', 'chat'],
    )
    assert.deepEqual(warnings, [])
  })

  it('give a version the contract that the node certified first says, and a warning', () => {
    const other = { ...listOf(), services: [{ ...service('forum', '1.0.0'), contract: link('another') }] }
    const both = [entry('a', listOf('forum')), entry('b', other)]
    const first = mergeLists(homeWith('a', 'b'), both)
    assert.deepEqual(
      first.services.map(({ host }) => host),
      ['a'],
    )
    assert.match(first.warnings[0]!, /forum@1\.0\.0 .*b .*a/)
    const second = mergeLists(homeWith('b', 'a'), both)
    assert.deepEqual(
      second.services.map(({ host }) => host),
      ['b'],
    )
    assert.deepEqual(second.versions, [])
    assert.equal(second.warnings.length, 1)
  })

  it('name a version once, taken back if one of them takes it back', () => {
    const back = { ...version('forum', '1.0.0'), yanked: true, deprecated: 'use 2' }
    const { versions, services } = mergeLists(homeWith('a', 'b'), [
      entry('a', listOf('forum')),
      entry('b', { services: listOf('forum').services, versions: [back] }),
    ])
    assert.deepEqual(versions, [back])
    assert.equal(services.length, 2)
  })

  it('may run what is not published under a version that is', () => {
    const list = { ...listOf('forum'), services: [{ ...service('forum', '1.0.0'), contract: link('served') }] }
    const { services, warnings } = mergeLists(homeWith('a'), [entry('a', list)])
    assert.deepEqual([services.length, warnings], [1, []])
  })
})
