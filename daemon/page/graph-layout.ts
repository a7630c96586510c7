/** Where the things of a graph stand in its drawing: what a service depends on to its right, who depends on it to its left. Pure. */
import { GRAPH_BOX, GRAPH_GAP, MAX_GRAPH_NODES } from './constants.ts'
import type { PageDependency, PageDependent, PageGraph, PageGraphItem } from './types.ts'

export interface DrawnNode {
  id: string
  /** undefined: the service itself */
  item?: PageGraphItem
  /** packages, which stand in one box together */
  packages?: PageGraphItem[]
  /** of its upper left corner */
  x: number
  y: number
}

export interface DrawnEdge {
  mode: PageGraphItem['mode']
  from: DrawnNode
  to: DrawnNode
}

export interface Drawing {
  nodes: DrawnNode[]
  edges: DrawnEdge[]
  width: number
  height: number
  /** things for which there was no room */
  hidden: number
}

interface Placed extends DrawnNode {
  /** 0 for the service itself; the dependents' are below it */
  column: number
}

/** Each thing stands once, where it is nearest to the service. */
export function layOut(graph: PageGraph): Drawing {
  const root: Placed = { id: graph.service ?? graph.contract, column: 0, x: 0, y: 0 }
  const nodes = new Map<string, Placed>([[root.id, root]])
  const edges = new Map<string, DrawnEdge>()
  let hidden = 0

  const place = (id: string, column: number, more: Partial<Placed>): Placed | undefined => {
    const known = nodes.get(id)
    if (known !== undefined) return known
    if (nodes.size >= MAX_GRAPH_NODES) {
      hidden++
      return undefined
    }
    const made: Placed = { id, column, x: 0, y: 0, ...more }
    nodes.set(id, made)
    return made
  }
  const join = (mode: PageGraphItem['mode'], from: DrawnNode, to: DrawnNode): void => {
    if (from !== to) edges.set(`${from.id} ${to.id}`, { mode, from, to })
  }

  /** Level by level, so that each is placed as near as it is. */
  const spread = <T extends PageGraphItem>(
    direction: 1 | -1,
    first: readonly T[],
    below: (item: T) => readonly T[],
  ): void => {
    let level = [{ parent: root, items: first }]
    for (let column = direction; level.length > 0; column += direction) {
      const next: typeof level = []
      for (const { parent, items } of level) {
        for (const item of items) {
          const node = item.mode === 'npm' ? undefined : place(idOf(item), column, { item })
          if (node === undefined) continue
          if (direction === 1) join(item.mode, parent, node)
          else join(item.mode, node, parent)
          next.push({ parent: node, items: below(item) })
        }
        const packages = items.filter(({ mode }) => mode === 'npm')
        const box = packages.length > 0 ? place(`npm ${parent.id}`, column, { packages }) : undefined
        if (box) join('npm', parent, box)
      }
      level = next
    }
  }
  spread<PageDependency>(1, graph.dependencies, ({ dependencies }) => dependencies)
  spread<PageDependent>(-1, graph.dependents, ({ dependents }) => dependents)
  return { ...positioned([...nodes.values()]), edges: [...edges.values()], hidden }
}

/** Columns beside each other, each in the middle of the height. */
function positioned(nodes: Placed[]): Pick<Drawing, 'nodes' | 'width' | 'height'> {
  const columns = Map.groupBy(nodes, ({ column }) => column)
  const first = Math.min(...columns.keys())
  const most = Math.max(...[...columns.values()].map(({ length }) => length))
  const step = { x: GRAPH_BOX.width + GRAPH_GAP.x, y: GRAPH_BOX.height + GRAPH_GAP.y }
  for (const [column, inside] of columns)
    for (const [index, node] of inside.entries()) {
      node.x = MARGIN + (column - first) * step.x
      node.y = MARGIN + (index + (most - inside.length) / 2) * step.y
    }
  const width = columns.size * step.x + 2 * MARGIN
  return { nodes, width, height: most * step.y - GRAPH_GAP.y + 2 * MARGIN }
}

/** Room for the lines around boxes; those that lead back need it. */
const MARGIN = 20

const idOf = ({ mode, service, contract, name }: PageGraphItem): string =>
  (mode === 'code' ? contract : (service ?? contract)) ?? name
