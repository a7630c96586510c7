/** Graphs have circles, and more than anybody wants to see. */
import assert from 'node:assert/strict'
import { MAX_GRAPH_ITEMS } from '../../daemon/calls/graph/constants.ts'
import { type Step, walk } from '../../daemon/calls/graph/walk.ts'

interface Item {
  id: string
  repeated: 'circle' | 'shown' | null
  below: Item[]
}

const ALIVE = new AbortController().signal

/** Walks along edges that are written `a: b c`. */
async function walked(edges: Record<string, string>, { depth = 9, deadline = ALIVE } = {}): Promise<[Item, boolean]> {
  const root: Item = { id: 'a', repeated: null, below: [] }
  const more = await walk<Item>(
    { id: 'a', above: [], of: root },
    {
      ...{ depth, deadline },
      async follow(step, room) {
        const ids = (edges[step.id] ?? '').split(' ').filter(Boolean)
        return ids.slice(0, room.take(ids.length)).map((id): Step<Item> => {
          const item: Item = { id, repeated: null, below: [] }
          step.of.below.push(item)
          return { id, above: [...step.above, step.id], of: item, item }
        })
      },
    },
  )
  return [root, more]
}

const shown = ({ id, repeated, below }: Item): string =>
  `${id}${repeated === null ? '' : `!${repeated}`}${below.length === 0 ? '' : `(${below.map(shown).join(' ')})`}`

describe('walking a graph', () => {
  it('tells circles from what is met again', async () => {
    const [root, more] = await walked({ a: 'b c', b: 'd', c: 'd', d: 'a e' })
    assert.equal(shown(root), 'a(b(d(a!circle e)) c(d!shown))')
    assert.equal(more, false)
    assert.equal(shown((await walked({ a: 'a' }))[0]), 'a(a!circle)')
  })

  it('goes only so deep, and says that there is more', async () => {
    const [root, more] = await walked({ a: 'b', b: 'c', c: 'd' }, { depth: 2 })
    assert.equal(shown(root), 'a(b(c))')
    assert.equal(more, true)
  })

  it('takes only so many', async () => {
    const [root, more] = await walked({ a: Array.from({ length: 1_000 }, (_, i) => `x${i}`).join(' ') })
    assert.equal(root.below.length, MAX_GRAPH_ITEMS)
    assert.equal(more, true)
  })

  it('ends with its time', async () => {
    const [root, more] = await walked({ a: 'b' }, { deadline: AbortSignal.abort() })
    assert.deepEqual([shown(root), more], ['a', true])
  })
})
