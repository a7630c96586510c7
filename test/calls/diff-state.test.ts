/** Differences of logical states: made one after the other they lead from one to the other, and they are few where little changed. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { type Change, diffState } from '../../daemon/calls/view/diff-state.ts'
import { partsOf } from '../../daemon/calls/view/state-node.ts'

const ALL = { changes: 100_000, bytes: 1e9 }
const tag = (name: string, content: Json): Json => ({ '/': { [name]: content } })

/** What `specs/state.md` says a reader of changes does. */
function applied(state: Json, changes: readonly Change[]): Json {
  return changes.reduce((json, { path, from, to }) => {
    const tokens = path.split('/').slice(1)
    return change(
      json,
      tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')),
      from === undefined,
      to,
    )
  }, state)
}

function change(json: Json, [token, ...rest]: string[], isNew: boolean, to: Json | undefined): Json {
  if (token === undefined) return to!
  const node = partsOf(json)
  assert(node, `no part ${token}`)
  if (node.items) {
    const at = Number(token)
    if (rest.length > 0) return node.items.map((item, i) => (i === at ? change(item, rest, isNew, to) : item))
    if (isNew) return node.items.toSpliced(at, 0, to!)
    return to === undefined ? node.items.toSpliced(at, 1) : node.items.with(at, to)
  }
  const entries = new Map([...node.entries].map(([name, { value }]) => [name, value]))
  if (rest.length > 0) entries.set(token, change(entries.get(token)!, rest, isNew, to))
  else if (to === undefined) assert(entries.delete(token))
  else entries.set(token, to)
  return rebuilt(node.kind, entries)
}

function rebuilt(kind: string, entries: ReadonlyMap<string, Json>): Json {
  const pairs = [...entries]
  if (kind === 'map')
    return tag(
      'map',
      pairs.map(([key, value]) => [keyOf(key), value]),
    )
  if (kind === 'set')
    return tag(
      'set',
      pairs.map(([, value]) => value),
    )
  const plain: Json = entries.has('/') ? tag('object', pairs) : Object.fromEntries(pairs)
  return kind === 'object' ? plain : tag('class', [kind.split(' ')[1]!, plain])
}

const keyOf = (token: string): Json => {
  try {
    return JSON.parse(token) as Json
  } catch {
    return token
  }
}

/** The same whatever the order of keys, entries and members. */
function normal(json: Json): Json {
  const node = partsOf(json)
  if (!node) return json
  if (node.items) return node.items.map(normal)
  const entries = [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return [node.kind, ...entries.map(([, { key, value }]) => [key, normal(value)])]
}

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.stringMatching(/^[a-z~/]{0,3}$/),
  fc.integer({ min: -2, max: 9 }),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -3n, max: 3n }).map((n) => tag('bigint', String(n))),
)
const key = fc.oneof(fc.string({ maxLength: 2 }), fc.constantFrom('a', 'b', 'a/b', '~1', '0', '1', '__proto__'))
const entries = (value: fc.Arbitrary<Json>): fc.Arbitrary<Map<string, Json>> =>
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((pairs) => new Map(pairs))
const nameOf = (key: Json): string => (typeof key === 'string' ? key : JSON.stringify(key))
const { state } = fc.letrec<{ state: Json }>((tie) => ({
  state: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('state'), { maxLength: 6 }),
    entries(tie('state')).map((all) => rebuilt('object', all)),
    fc
      .array(fc.tuple(leaf, tie('state')), { maxLength: 5 })
      .map((pairs) => rebuilt('map', new Map(pairs.map(([k, v]) => [nameOf(k), v])))),
    fc.array(leaf, { maxLength: 5 }).map((all) => rebuilt('set', new Map(all.map((one) => [nameOf(one), one])))),
    fc
      .tuple(fc.constantFrom('Post', 'User'), entries(tie('state')))
      .map(([name, all]) => rebuilt(`class ${name} object`, all)),
  ),
}))

describe('the difference of two states', () => {
  it('leads from one to the other', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const { changes, more } = diffState(a, b, ALL)
        assert(!more)
        assert.deepEqual(normal(applied(a, changes)), normal(b))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is empty between equal ones, and is not between others', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        assert.deepEqual(diffState(a, structuredClone(a), ALL).changes, [])
        const isSame = JSON.stringify(normal(a)) === JSON.stringify(normal(b))
        assert.equal(diffState(a, b, ALL).changes.length === 0, isSame)
      }),
    )
  })

  const cases: [string, Json, Json, Change[]][] = [
    ['a field', { n: 1, m: [2] }, { n: 2, m: [2] }, [{ path: '/n', from: 1, to: 2 }]],
    ['an element at the end', { a: [1, 2] }, { a: [1, 2, 3] }, [{ path: '/a/2', to: 3 }]],
    ['an element at the beginning', [1, 2], [0, 1, 2], [{ path: '/0', to: 0 }]],
    ['an element from the middle', [1, 2, 3], [1, 3], [{ path: '/1', from: 2 }]],
    [
      'an entry of a Map',
      tag('map', [
        ['ann', 1],
        [7, 2],
      ]),
      tag('map', [
        [7, 3],
        ['ann', 1],
      ]),
      [{ path: '/7', from: 2, to: 3 }],
    ],
    [
      'the whole where 7 becomes "7"',
      tag('map', [[7, 1]]),
      tag('map', [['7', 1]]),
      [{ path: '', from: tag('map', [[7, 1]]), to: tag('map', [['7', 1]]) }],
    ],
    [
      'the whole where 7 stands beside "7"',
      {
        m: tag('map', [
          [7, 1],
          ['7', 1],
        ]),
      },
      { m: tag('map', [[7, 1]]) },
      [
        {
          path: '/m',
          from: tag('map', [
            [7, 1],
            ['7', 1],
          ]),
          to: tag('map', [[7, 1]]),
        },
      ],
    ],
    [
      'an entry of a Map with a class of its own',
      tag('class', ['Board', tag('map', [['a', 1]])]),
      tag('class', ['Board', tag('map', [['a', 2]])]),
      [{ path: '/a', from: 1, to: 2 }],
    ],
    [
      'an entry, and a field, of a Map with a class and fields of its own',
      tag('class', ['Board', tag('map', [['a', 1]]), { title: 'x' }]),
      tag('class', ['Board', tag('map', [['b', 2]]), { title: 'y' }]),
      [
        { path: '/a', from: 1 },
        { path: '/title', from: 'x', to: 'y' },
        { path: '/b', to: 2 },
      ],
    ],
    [
      'an element, and a field, of an array with a class and fields of its own',
      tag('class', ['Tags', [1], { n: 1 }]),
      tag('class', ['Tags', [1, 2], { n: 2 }]),
      [
        { path: '/1', to: 2 },
        { path: '/n', from: 1, to: 2 },
      ],
    ],
    [
      'the whole where what was an entry is a field now',
      tag('class', ['Board', tag('map', [['a', 1]]), {}]),
      tag('class', ['Board', tag('map', []), { a: 1 }]),
      [
        {
          path: '',
          from: tag('class', ['Board', tag('map', [['a', 1]]), {}]),
          to: tag('class', ['Board', tag('map', []), { a: 1 }]),
        },
      ],
    ],
    [
      'an instance that became one of another class',
      tag('class', ['Post', { a: 1 }]),
      tag('class', ['Note', { a: 1 }]),
      [{ path: '', from: tag('class', ['Post', { a: 1 }]), to: tag('class', ['Note', { a: 1 }]) }],
    ],
    [
      'a member of a Set',
      tag('set', ['a', 'b']),
      tag('set', ['b', 'c']),
      [
        { path: '/a', from: 'a' },
        { path: '/c', to: 'c' },
      ],
    ],
    [
      'a field of an instance',
      [tag('class', ['Post', { text: 'x', by: 'ann' }])],
      [tag('class', ['Post', { text: 'y', by: 'ann' }])],
      [{ path: '/0/text', from: 'x', to: 'y' }],
    ],
    ['what became of another kind', { a: [1] }, { a: { b: 1 } }, [{ path: '/a', from: [1], to: { b: 1 } }]],
    ['a name that needs escapes', { 'a/b~': 1 }, { 'a/b~': 2 }, [{ path: '/a~1b~0', from: 1, to: 2 }]],
  ]
  for (const [what, a, b, changes] of cases) {
    it(`names ${what}`, () => assert.deepEqual(diffState(a, b, ALL).changes, changes))
  }

  it('stops at its limits, and says so', () => {
    const [a, b] = [Array.from({ length: 50 }, (_, i) => i), Array.from({ length: 50 }, (_, i) => -1 - i)]
    const few = diffState(a, b, { changes: 10, bytes: 1e6 })
    assert.equal(few.changes.length, 10)
    assert(few.more)
    const short = diffState(a, b, { changes: 1_000, bytes: 100 })
    assert(short.more && short.changes.length > 0 && short.changes.length < 10)
    assert(!diffState(a, b, { changes: 50, bytes: 1e6 }).more)
  })
})
