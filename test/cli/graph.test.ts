/** Graphs of services on the terminal, and for Graphviz. */
import assert from 'node:assert/strict'
import { toDot } from '../../cli/graph-dot.ts'
import { drawGraph } from '../../cli/graph-tree.ts'
import type { Dependency, Dependent, GraphItem, Params, Result } from '../../daemon/api/vocabulary.ts'
import { type Fixture, startServer } from '../api/fixture.ts'
import { amigoHere } from './fixture.ts'

const USER = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'
const EVIL = '"];\n\u001b[2J\u202e a -> b [label="\\'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/
const NOW = Date.parse('2026-01-02T00:00:00Z')

const item: GraphItem = {
  ...{ mode: 'live', name: `~${USER}/forum`, version: '1.2.0', range: '^1.2', service: 'bafyforum' },
  ...{ contract: 'bafycode', host: '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2', here: null, repeated: null },
  ...{ up: true, ms: 3, code: null, seen: '2026-01-01T23:59:00.000Z' },
}
const dependency = (more: Partial<Dependency> = {}): Dependency => ({
  ...{ ...item, now: null, license: null, copy: null, dependencies: [] },
  ...more,
})
const dependent = (more: Partial<Dependent> = {}): Dependent => ({
  ...{ ...item, range: null, user: USER, known: 'announced', pinned: null, calls: null, dependents: [] },
  ...more,
})
const npm = dependency({
  ...{ mode: 'npm', name: '@x/slug', version: '1.6.0', license: 'MIT', service: null, contract: null, host: null },
  ...{ range: null, up: null, ms: null, seen: null },
})
const graph: Result<'graph'> = {
  ...{ name: 'local.land/_/blog', version: '0.1.0', service: 'bafyblog', contract: 'bafyblogcode', host: item.host },
  ...{ here: 'blog', up: true, ms: null, code: null, seen: null, more: false, warnings: [] },
  dependencies: [
    dependency({
      now: { version: '1.3.0', service: 'bafyforum', newer: true, moved: false },
      dependencies: [dependency({ name: 'a/blog', service: 'bafyblog', repeated: 'circle' })],
    }),
    dependency({ mode: 'code', name: 'a/text', service: null, dependencies: [npm] }),
    dependency({
      mode: 'fork',
      name: 'a/c',
      service: 'bafyc',
      copy: 'bafycopy',
      up: false,
      code: 'TIMED_OUT',
      ms: null,
    }),
    npm,
  ],
  dependents: [
    dependent({ name: EVIL, service: EVIL, pinned: '0.1.0', range: '^0.1', calls: 1_204, code: EVIL, up: false }),
    dependent({ mode: 'called', name: 'bafysite', service: 'bafysite', up: null, seen: null }),
  ],
}

describe('the graph of a service', () => {
  let fixture: Fixture | undefined
  afterEach(async () => {
    await fixture?.end()
    fixture = undefined
  })

  it('is drawn as a tree in both directions', () => {
    const lines = drawGraph(graph, NOW).map((line) => line.render(false))
    assert.deepEqual(lines.slice(0, 9), [
      'local.land/_/blog 0.1.0  on this node',
      '',
      'depends on',
      '├─ ● live ~k51qzi5uqu…xel2r/forum 1.2.0 (^1.2)  1.3.0 now  12D3KooWBm…HBox2  up, 3 ms',
      '│  └─ ● live a/blog 1.2.0 (^1.2)  12D3KooWBm…HBox2  up, 3 ms  a circle: it stands above',
      '├─ ■ code a/text 1.2.0 (^1.2)  12D3KooWBm…HBox2  up, 3 ms',
      '│  └─ □ npm @x/slug 1.6.0  MIT',
      '├─ ◆ fork a/c 1.2.0 (^1.2)  copy bafycopy  12D3KooWBm…HBox2  down: TIMED_OUT, heard of 1 min ago',
      '└─ □ npm @x/slug 1.6.0  MIT',
    ])
    assert.match(lines[11]!, /wants 0\.1\.0 \(\^0\.1\) {2}1,204 calls {2}12D3.* down: /)
    assert.equal(lines[12], '└─ ○ called bafysite 1.2.0  12D3KooWBm…HBox2  not asked')
    for (const line of lines) assert.doesNotMatch(line, UNSAFE)
  })

  it('says where there is nothing', () => {
    const lines = drawGraph({ ...graph, dependencies: [], dependents: [] }, NOW).map((line) => line.render(false))
    assert.deepEqual(lines.slice(2), ['depends on nothing', '', 'nobody is known to use it'])
  })

  it('is valid DOT, each thing and each edge once, whatever others call themselves', () => {
    const { nodes, edges } = parseDot(toDot(graph).join('\n'))
    assert.equal(nodes.size, 7)
    const ids = [...nodes.keys()]
    assert.ok(ids.includes('bafyblog') && ids.includes('bafycode') && ids.includes('npm:@x/slug@1.6.0'))
    assert.deepEqual(edges.map(({ from, to, attributes }) => [from, to, attributes.get('label')]).slice(0, 6), [
      ['bafyblog', 'bafyforum', 'live ^1.2'],
      ['bafyforum', 'bafyblog', 'live ^1.2'],
      ['bafyblog', 'bafycode', 'code ^1.2'],
      ['bafycode', 'npm:@x/slug@1.6.0', 'npm'],
      ['bafyblog', 'bafyc', 'fork ^1.2'],
      ['bafyblog', 'npm:@x/slug@1.6.0', 'npm'],
    ])
    // who depends points at what it depends on
    assert.deepEqual(
      edges.slice(6).map(({ to }) => to),
      ['bafyblog', 'bafyblog'],
    )
    assert.equal(nodes.get('bafyc')!.get('color'), 'firebrick')
    assert.ok([...nodes.values()].some((attributes) => attributes.get('label')!.includes('\\x1b[2J')))
  })

  it('is what both commands ask for', async () => {
    const seen: Params<'graph'>[] = []
    fixture = await startServer({
      graph: async (params) => {
        seen.push(params)
        return { ...graph, more: true, warnings: ['forum 1.2.0 is deprecated'] }
      },
    })
    const run = (...args: string[]) => amigoHere([...args, '--home', fixture!.home])
    const why = await run('why', 'a/blog')
    assert.equal(why.code, 0)
    assert.match(why.err, /forum 1\.2\.0 is deprecated[\s\S]*There is more/)
    assert.equal((await run('graph', 'a/blog', '--depth', '2')).out, why.out)
    const dot = await run('graph', 'a/blog', '--dot')
    assert.ok(parseDot(dot.out).edges.length === 8)
    const json = JSON.parse((await run('why', 'a/blog', '--json')).out)
    assert.deepEqual(json.dependencies, JSON.parse(JSON.stringify(graph.dependencies)))
    assert.equal(json.dependents.length, 2)
    assert.deepEqual(seen[1], { name: 'a/blog', depth: 2 })
    for (const depth of ['0', '17', 'x']) assert.equal((await run('why', 'a/blog', '--depth', depth)).code, 2)
  })
})

type Attributes = Map<string, string>

/** As much of https://graphviz.org/doc/info/lang.html as a digraph without subgraphs takes. @throws where it is not that */
function parseDot(text: string): {
  nodes: Map<string, Attributes>
  edges: { from: string; to: string; attributes: Attributes }[]
} {
  const token = /\s*("(?:[^"\\\n]|\\[^\n])*"|->|[A-Za-z_][A-Za-z_0-9]*|-?(?:\.\d+|\d+(?:\.\d*)?)|[{}[\];,=])/y
  const tokens: string[] = []
  const end = text.trimEnd().length
  while (token.lastIndex < end) {
    const at = token.lastIndex
    const found = token.exec(text)
    if (found === null) throw new Error(`no DOT at ${JSON.stringify(text.slice(at, at + 40))}`)
    tokens.push(found[1]!)
  }
  const nodes = new Map<string, Attributes>()
  const edges: ReturnType<typeof parseDot>['edges'] = []
  const isNext = (...wanted: string[]): boolean => wanted.includes(tokens[0] ?? '')
  const take = (wanted?: string): string => {
    const next = tokens.shift()
    if (next === undefined || (wanted !== undefined && next !== wanted)) throw new Error(`${wanted} and not ${next}`)
    return next
  }
  const id = (): string => {
    const next = take()
    if (/^[{}[\];,=]$|^->$/.test(next)) throw new Error(`${next} is no ID`)
    return next.startsWith('"') ? next.slice(1, -1).replace(/\\(["\\])/g, '$1') : next
  }
  const attributes = (): Attributes => {
    const found: Attributes = new Map()
    if (!isNext('[')) return found
    take('[')
    while (!isNext(']')) {
      const key = id()
      take('=')
      found.set(key, id())
      if (isNext(',', ';')) take()
    }
    take(']')
    return found
  }
  take('digraph')
  id()
  take('{')
  while (!isNext('}')) {
    const first = id()
    if (isNext('=')) {
      take('=')
      id()
    } else if (isNext('->')) {
      take('->')
      const to = id()
      if (!nodes.has(first) || !nodes.has(to)) throw new Error(`${first} -> ${to} leads to nothing`)
      edges.push({ from: first, to, attributes: attributes() })
    } else {
      const found = attributes()
      if (first !== 'node') nodes.set(first, found)
    }
    if (isNext(';')) take()
  }
  take('}')
  if (tokens.length > 0) throw new Error('more behind it')
  return { nodes, edges }
}
