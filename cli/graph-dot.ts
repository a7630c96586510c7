/** Graphs of services in the DOT language of Graphviz: https://graphviz.org/doc/info/lang.html */
import type { Dependency, Dependent, GraphItem, Result } from '../daemon/api/vocabulary.ts'
import { short, shortName } from './format.ts'
import { visible } from './visible.ts'

type Graph = Result<'graph'>
type Thing = Pick<GraphItem, 'name' | 'version' | 'service' | 'contract' | 'host' | 'up' | 'code'> & {
  mode?: GraphItem['mode']
}

const EDGES: { readonly [M in GraphItem['mode']]: string } = {
  live: 'style=solid',
  fork: 'style=dashed',
  code: 'style=dotted',
  npm: 'style=dotted, arrowhead=empty',
  called: 'style=solid, arrowhead=open',
}

/** Arrows lead from what depends to what it depends on. Each thing and each edge is there once. */
export function toDot(graph: Graph): string[] {
  const nodes = new Map<string, string>([[idOf(graph), `${quoted(idOf(graph))} [${attributesOf(graph)}, penwidth=2];`]])
  const edges = new Set<string>()
  const note = (thing: GraphItem, from: string, to: string): void => {
    const id = idOf(thing)
    if (!nodes.has(id)) nodes.set(id, `${quoted(id)} [${attributesOf(thing)}];`)
    const label = [thing.mode, ...(thing.range === null ? [] : [thing.range])].join(' ')
    edges.add(`${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}, ${EDGES[thing.mode]}];`)
  }
  const below = (parent: Thing, items: readonly Dependency[]): void => {
    for (const item of items) {
      note(item, idOf(parent), idOf(item))
      below(item, item.dependencies)
    }
  }
  const above = (parent: Thing, items: readonly Dependent[]): void => {
    for (const item of items) {
      note(item, idOf(item), idOf(parent))
      above(item, item.dependents)
    }
  }
  below(graph, graph.dependencies)
  above(graph, graph.dependents)
  return [
    'digraph services {',
    '  rankdir=LR;',
    '  node [shape=box, fontname="sans-serif"];',
    ...[...nodes.values(), ...edges].map((line) => `  ${line}`),
    '}',
  ]
}

/** Code goes by its contract, a package by its name and version. */
const idOf = ({ mode, service, contract, name, version }: Thing): string =>
  (mode === 'code' ? contract : (service ?? contract)) ?? `npm:${name}@${version ?? ''}`

function attributesOf({ mode, name, version, host, up, code }: Thing): string {
  const state = up === false ? `down: ${code ?? 'no answer'}` : ''
  const lines = [`${shortName(name)} ${version ?? ''}`.trim(), host === null ? '' : short(host), state].filter(
    (line) => line !== '',
  )
  const colour = up === null ? 'gray40' : up ? 'forestgreen' : 'firebrick'
  const shape = mode === 'code' || mode === 'npm' ? ', shape=component' : ''
  return `label="${lines.map(escaped).join('\\n')}", color=${mode === 'npm' ? 'gray40' : colour}${shape}`
}

const quoted = (text: string): string => `"${escaped(text)}"`

/** Nothing of it ends the string, or means anything to Graphviz. */
const escaped = (text: string): string => visible(text).replace(/[\\"]/g, (character) => `\\${character}`)
