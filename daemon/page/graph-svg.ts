/** A graph of services as a drawing in SVG, made of elements and attributes alone: its colours are those of the style sheet. */
import { GRAPH_BOX, GRAPH_GAP, MAX_BOX_CHARS, MAX_ID_LENGTH } from './constants.ts'
import { clip, count, shorten } from './format.ts'
import type { Drawing, DrawnEdge, DrawnNode } from './graph-layout.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import type { PageGraph, PageGraphItem, PageService } from './types.ts'

export function drawGraph({ nodes, edges, width, height }: Drawing, graph: PageGraph, service: PageService): SafeHtml {
  return html`<svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="What ${clip(service.title, 64)} depends on, and who depends on it">
${edges.map(edgeOf)}${nodes.map((node) => boxOf(node, graph, service))}</svg>`
}

/** A line from what depends to what it depends on, with a head: from column to column, beside one, or back below the boxes. */
function edgeOf({ mode, from, to }: DrawnEdge): SafeHtml {
  const way = to.x > from.x ? WAYS.on : to.x === from.x ? WAYS.beside : WAYS.back
  const { line, head } = way(from, to)
  return html`<path class="${mode}" d="${line}"/><path class="head" d="${head}"/>`
}

type Way = (from: DrawnNode, to: DrawnNode) => { line: string; head: string }

const { width: WIDTH, height: HEIGHT } = GRAPH_BOX

const WAYS: { readonly [K in 'on' | 'beside' | 'back']: Way } = {
  on(from, to) {
    const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2]
    const bend = Math.max(GRAPH_GAP.x, x2 - x1) / 2
    const line = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 6} ${y2}`
    return { line, head: `M${x2} ${y2}l-8 -4v8z` }
  },
  beside(from, to) {
    const [x, y1, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.y + HEIGHT / 2]
    const out = x + GRAPH_GAP.x * 0.6
    return { line: `M${x} ${y1}C${out} ${y1} ${out} ${y2} ${x + 6} ${y2}`, head: `M${x} ${y2}l8 -4v8z` }
  },
  back(from, to) {
    const [x1, y1, x2, y2] = [from.x + WIDTH / 2, from.y + HEIGHT, to.x + WIDTH / 2, to.y + HEIGHT]
    const below = GRAPH_GAP.y
    return {
      line: `M${x1} ${y1}C${x1} ${y1 + below} ${x2} ${y2 + below} ${x2} ${y2 + 6}`,
      head: `M${x2} ${y2}l-4 8h8z`,
    }
  },
}

function boxOf(node: DrawnNode, graph: PageGraph, service: PageService): SafeHtml {
  const { item, packages, x, y } = node
  if (packages !== undefined) {
    const [only] = packages
    const name = packages.length === 1 ? `${only!.name} ${only!.version ?? ''}` : count(packages.length, 'npm package')
    const all = packages.map((one) => `${one.name} ${one.version ?? ''}`).join(', ')
    return html`<g class="loose">${inside(x, y, { name, owner: 'npm', state: 'linked into it', title: clip(all, 500) })}</g>`
  }
  if (item === undefined) {
    const lines = { name: `${service.title} ${graph.version}`, owner: 'this service', state: stateOf(graph) }
    return html`<g class="root ${classOf(graph)}">${inside(x, y, { ...lines, title: service.service })}</g>`
  }
  const state = `${item.mode}${item.range === null ? '' : ` ${item.range}`} · ${item.up === false ? 'down' : stateOf(item)}`
  const [, owner = '', label = item.name] = /^(.*)\/([^/]+)$/.exec(item.name) ?? []
  const title = `${item.name}${item.host === null ? '' : ` on ${item.host}`}, ${stateOf(item)}`
  const box = inside(x, y, { name: `${short(label)} ${item.version ?? ''}`, owner: short(owner), state, title })
  const linked = item.here === null ? box : html`<a href="/${item.here}/-/graph">${box}</a>`
  return html`<g class="${classOf(item)}${item.mode === 'code' && ' loose'}">${linked}</g>`
}

function inside(x: number, y: number, lines: { name: string; owner: string; state: string; title: string }): Part {
  const text = (className: string, line: string, below: number): SafeHtml =>
    html`<text class="${className}" x="${x + 10}" y="${y + below}">${clip(line.trim(), MAX_BOX_CHARS)}</text>`
  return html`<title>${clip(lines.title, 2 * MAX_ID_LENGTH)}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="8"/>${text('name', lines.name, 21)}${text('owner', lines.owner, 37)}${text('state', lines.state, 53)}`
}

type Standing = Pick<PageGraphItem, 'up' | 'ms' | 'code'>

/** As a class of the style sheet. */
export const classOf = ({ up }: Standing): 'up' | 'down' | 'unknown' => (up === null ? 'unknown' : up ? 'up' : 'down')

/** Whether it answers, in words. */
export function stateOf({ up, ms, code }: Standing): string {
  if (up === null) return code === null ? 'not asked' : `not known: ${code}`
  if (!up) return `down: ${code ?? 'no answer'}`
  return ms === null ? 'here' : `up, ${ms} ms`
}

const short = (name: string): string => name.replace(/k51[a-z0-9]{59}|baf[a-z0-9]{50,}/g, shorten)
