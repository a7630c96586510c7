/** References in a state, by names. */
import assert from 'node:assert/strict'
import { nameRefs } from '../../daemon/contract/name-refs.ts'
import type { Json } from '../../daemon/contract/types.ts'

const tag = (name: string, content: Json): Json => ({ '/': { [name]: content } })
const ref = (pointer: string): Json => tag('ref', pointer)

describe('references by names', () => {
  const post = tag('class', ['Post', { text: 'x', by: { name: 'Ana' } }])
  const state = {
    users: tag('map', [
      ['ana', tag('class', ['User', { posts: [post] }])],
      [7, { n: [1] }],
      [{ long: 'x'.repeat(300) }, [1]],
    ]),
    set: tag('set', ['a', [2]]),
    'a/b~': [3],
    board: tag('class', ['Board', tag('map', [['k', [4]]]), { own: [5] }]),
    odd: tag('object', [['/', [6]]]),
    at: tag('date', '2026-01-01T00:00:00.000Z'),
  }
  const cases: [string, string, Json][] = [
    ['the whole', '', ref('')],
    ['an instance inside a Map', '/users/~1/map/0/1/~1/class/1/posts/0', ref('/users/ana/posts/0')],
    ['a field of it', '/users/~1/map/0/1/~1/class/1/posts/0/~1/class/1/by', ref('/users/ana/posts/0/by')],
    ['an entry whose key is a number', '/users/~1/map/1/1/n', ref('/users/7/n')],
    ['a member of a Set', '/set/~1/set/1', ref('/set/1')],
    ['a name that needs escapes', '/a~1b~0', ref('/a~1b~0')],
    ['content and fields of a class that extends a Map', '/board/~1/class/1/~1/map/0/1', ref('/board/k')],
    ['a field of a class that extends a Map', '/board/~1/class/2/own', ref('/board/own')],
    ['a key that is a slash', '/odd/~1/object/0/1', ref('/odd/~1')],
    ['a Date, by the date itself', '/at', tag('date', '2026-01-01T00:00:00.000Z')],
  ]
  for (const [what, pointer, named] of cases) {
    it(`name ${what}`, () => {
      assert.deepEqual(nameRefs({ ...state, again: [ref(pointer)] }), { ...state, again: [named] })
    })
  }

  it('stay as they are where there is no name, or nothing', () => {
    for (const pointer of [
      '/users/~1/map/2/1',
      '/users/~1/map/2/0',
      '/nope',
      '/users/~1/map/9/1',
      '/users/~1/class',
      '/at/x',
    ]) {
      const text = { ...state, again: ref(pointer) }
      assert.deepEqual(nameRefs(text), text)
    }
  })

  it('are found however deep a state nests, and leave its keys alone', () => {
    let deep: Json = ref('/a')
    for (let level = 0; level < 100_000; level++) deep = [deep]
    let found = (nameRefs({ a: tag('date', 'x'), deep }) as { deep: Json }).deep
    while (Array.isArray(found)) found = found[0]!
    assert.deepEqual(found, tag('date', 'x'))
    const odd = JSON.parse('{"__proto__": {"a": 1}, "b": {"/": {"ref": "/__proto__"}}}') as Json
    assert.equal(JSON.stringify(nameRefs(odd)), JSON.stringify(odd))
  })

  it('begin where the state was taken from', () => {
    assert.deepEqual(nameRefs({ a: [1], b: ref('/a') }, ['x', 'y/z']), { a: [1], b: ref('/x/y~1z/a') })
  })
})
