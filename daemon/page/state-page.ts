/** `/NAME/-/state`: what the variables of a service hold. */
import { stateLine } from './command.ts'
import { html, type SafeHtml } from './html.ts'
import { commandLine, identifier, trustMark } from './parts.ts'
import type { PageNode, PageService, PageState } from './types.ts'
import { valueTree } from './value-tree.ts'

export function statePage({ command }: PageNode, { name, address }: PageService, found: PageState): SafeHtml {
  const line = stateLine(command, address)
  return html`<section aria-labelledby="page-state"><h2 id="page-state">State</h2>
<p class="fine">After commit number ${found.seq} ${trustMark(found.trust)} <a href="/${name}/-/commit/${found.commit}">${identifier(found.commit)}</a></p>
<div class="card">${valueTree(found.state)}</div>
${line && commandLine(line)}</section>`
}
