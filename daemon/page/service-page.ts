/** `/NAME/...`: the page that a service's contract renders. */
import { clip } from './format.ts'
import { functionList } from './functions-page.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { problemBox } from './parts.ts'
import type { Problem } from './problems.ts'
import { serviceFrame } from './service-frame.ts'
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
  const href = `/${name}/${path.split('/').map(encodeURIComponent).join('/')}`
  // without a face the functions are what there is to see
  const list = html`<section aria-labelledby="page-functions"><h2 id="page-functions">Functions</h2>${functionList(node, service, functions, undefined)}</section>`
  return serviceFrame({
    ...{ node, service, tab: 'page' },
    ...(path !== '' && { place: { name: path, href } }),
    main: [faceOf(clip(service.title, 64), face), 'markup' in face ? undefined : list],
  })
}

function faceOf(name: string, face: Face): Part {
  if ('markup' in face) {
    return html`<section class="face" aria-label="What ${name} shows"><div class="prose">${face.markup}</div></section>`
  }
  if ('problem' in face) return problemBox(face.problem)
  return html`<div class="empty"><p>This service shows no page of its own. A contract gets one by exporting a function that returns Markdown:</p>
<pre tabindex="0"><code>export const render = (path: string) => "# Hello"</code></pre></div>`
}
