/** `/NAME/-/graph`: what a service depends on and who depends on it, drawn, and in words. */

import { graphLine } from './command.ts'
import { MAX_LINE_LENGTH } from './constants.ts'
import { clip, count, moment } from './format.ts'
import { layOut } from './graph-layout.ts'
import { classOf, drawGraph, stateOf } from './graph-svg.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { commandLine, rows, shortId } from './parts.ts'
import type { PageDependency, PageDependent, PageGraph, PageGraphItem, PageNode, PageService } from './types.ts'

export function graphPage({ command }: PageNode, service: PageService, graph: PageGraph): SafeHtml {
  const drawing = layOut(graph)
  const line = graphLine(command, service.address)
  return html`<section aria-labelledby="page-graph"><h2 id="page-graph">Graph</h2>
<div class="drawing" tabindex="0" role="region" aria-label="Drawing">${drawGraph(drawing, graph, service)}</div>
${legend}${drawing.hidden > 0 && html`<p class="fine">${count(drawing.hidden, 'more thing')} than the drawing has room for: see below.</p>`}
${graph.more && html`<p class="fine">There is more than was found out: somebody did not answer, or it goes on.</p>`}</section>
<section aria-labelledby="page-depends"><h2 id="page-depends">Depends on</h2>${dependencies(graph)}</section>
<section aria-labelledby="page-used"><h2 id="page-used">Used by</h2>${dependents(graph)}
${line && commandLine(line)}</section>`
}

const sample = (mode: PageGraphItem['mode'], what: string): SafeHtml =>
  html`<li><svg class="graph" width="34" height="8" viewBox="0 0 34 8" aria-hidden="true"><path class="${mode}" d="M0 4H30"/><path class="head" d="M34 4l-7 -4v8z"/></svg>${what}</li>`

const legend: SafeHtml = html`<ul class="legend">${sample('live', 'live: is called where it runs')}${sample('fork', 'fork: a copy with its state')}${sample('code', 'code and npm: linked in')}</ul>`

function dependencies({ dependencies: list }: PageGraph): Part {
  if (list.length === 0) return html`<p class="empty">Its contract imports nothing.</p>`
  const item = (one: PageDependency): SafeHtml =>
    html`<li>${about(one)}${one.now?.moved && html` <span class="state-down">its name stands for another service now</span>`}
${!one.now?.moved && one.now?.newer && html` <span class="tag">${clip(one.now.version ?? '', 64)} now</span>`}${branch(one.dependencies, item)}</li>`
  return branch(list, item)
}

function dependents({ dependents: list }: PageGraph): Part {
  if (list.length === 0) return html`<p class="empty">Nobody is known to use it.</p>`
  const item = (one: PageDependent): SafeHtml => html`<li>${about(one)}${branch(one.dependents, item)}</li>`
  return branch(list, item)
}

const branch = <T>(items: readonly T[], item: (one: T) => SafeHtml): Part =>
  items.length > 0 && html`<ul class="branch">${rows(items, 'thing', item)}</ul>`

const REPEATED = { circle: 'a circle: it stands above', shown: 'shown above' } as const

function about(one: PageGraphItem): SafeHtml {
  const name = html`<code class="id">${clip(one.name, MAX_LINE_LENGTH)}</code>`
  const state = one.mode !== 'npm' && html` <span class="state-${classOf(one)}">${stateOf(one)}</span>`
  const seen = one.up === false && one.seen !== null && html` <span class="fine">heard of ${moment(one.seen)}</span>`
  const where = one.host !== null && html` <span class="fine">on ${shortId(one.host)}</span>`
  return html`<span class="tag">${one.mode}</span> ${one.here === null ? name : html`<a href="/${one.here}/-/graph">${name}</a>`} ${clip(one.version ?? '', 64)}
${one.range !== null && html`<span class="fine">(${clip(one.range, 64)})</span>`}${state}${seen}${one.repeated !== null && html` <span class="fine">${REPEATED[one.repeated]}</span>`}${where}`
}
