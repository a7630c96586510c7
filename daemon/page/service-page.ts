/** `/NAME/...`: a service, with the page that its contract renders. */
import { callLine } from './command.ts'
import { MAX_DOC_LENGTH, MAX_LINE_LENGTH } from './constants.ts'
import { clip } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { layout } from './layout.ts'
import { commandLine, facts, identifier, nodeBadge, rows, TRUST, trustMark } from './parts.ts'
import type { Problem } from './problems.ts'
import type { PageFunction, PageNode, PageService } from './types.ts'

/** What became of `render`: its text as HTML, nothing because there is no such function, or a failure in words. */
export type Face = { markup: SafeHtml } | { none: true } | { problem: Problem }

export interface ServiceView {
  node: PageNode
  service: PageService
  functions: readonly PageFunction[]
  /** the decoded path below the service, '' at its root */
  path: string
  face: Face
}

export function servicePage({ node, service, functions, path, face }: ServiceView): SafeHtml {
  const { name } = service
  return layout({
    title: `${path === '' ? name : `${path} · ${name}`} · Amigos`,
    badge: nodeBadge(node),
    trail: trail(name, path),
    main: html`<div class="title"><h1>${name}</h1> <span class="tag">${clip(service.version, 64)}</span> ${trustMark(service.trust)}</div>
${service.description !== '' && html`<p class="lead">${clip(service.description, MAX_LINE_LENGTH)}</p>`}
${faceOf(name, face)}
<section aria-labelledby="page-functions"><h2 id="page-functions">Functions</h2>${functionList(node, name, functions)}</section>
<section aria-labelledby="page-about"><h2 id="page-about">About this service</h2>${about(service)}</section>`,
  })
}

function trail(name: string, path: string): { name: string; href: string }[] {
  const root = { name, href: `/${name}/` }
  if (path === '') return [{ name: 'node', href: '/' }, root]
  const href = root.href + path.split('/').map(encodeURIComponent).join('/')
  return [{ name: 'node', href: '/' }, root, { name: path, href }]
}

function faceOf(name: string, face: Face): Part {
  if ('markup' in face) {
    return html`<section class="face" aria-label="What ${name} shows"><div class="prose">${face.markup}</div></section>`
  }
  if ('problem' in face) return problemBox(face.problem)
  return html`<div class="empty"><p>This service shows no page of its own. A contract gets one by exporting a function that returns Markdown:</p>
<pre tabindex="0"><code>export const render = (path: string) => "# Hello"</code></pre></div>`
}

/** A failure, in words, with its code. */
export function problemBox({ title, text, code, detail }: Problem): SafeHtml {
  return html`<section class="problem" aria-label="What went wrong"><h2>${title}</h2><p>${text}</p>
${detail && html`<p>It said:</p><pre tabindex="0"><code>${detail}</code></pre>`}<p class="fine">Code <code>${code}</code></p></section>`
}

function functionList({ command }: PageNode, service: string, functions: readonly PageFunction[]): Part {
  if (functions.length === 0) return html`<p class="empty">This contract exports no functions.</p>`
  return html`<ul class="functions">${rows(functions, 'function', (fn) => functionItem(command, service, fn))}</ul>`
}

function functionItem(command: string, service: string, fn: PageFunction): SafeHtml {
  const line = callLine(command, service, fn)
  return html`<li class="card"><h3><code>${clip(fn.name, 64)}</code> <span class="tag">${fn.kind === 'query' ? 'query' : 'call'}</span></h3>
<p class="signature"><code>${clip(fn.name, 64)}${clip(fn.signature, MAX_LINE_LENGTH)}</code></p>
${fn.doc !== '' && html`<p class="doc">${clip(fn.doc, MAX_DOC_LENGTH)}</p>`}
${line && commandLine(line)}</li>`
}

function about(service: PageService): SafeHtml {
  const meaning = Object.hasOwn(TRUST, service.trust) ? TRUST[service.trust] : ''
  return facts([
    ['Published as', service.published && identifier(service.published)],
    ['On this node', identifier(`local.land/_/${service.name}`)],
    ['Service ID', identifier(service.service)],
    ['Contract', identifier(service.contract)],
    ['Commit', html`number ${service.seq} ${identifier(service.commit)}`],
    ['Trust', html`${trustMark(service.trust)} ${meaning}`],
  ])
}
