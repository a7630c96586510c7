/** The page of a request that gets none: what went wrong, in words. It needs nothing of the node, which may be what failed. */
import { html, type SafeHtml } from './html.ts'
import { layout } from './layout.ts'
import type { Problem } from './problems.ts'

export function problemPage({ status, title, text, code }: Problem): SafeHtml {
  return layout({
    title: `${title} · Amigos`,
    main: html`<section class="problem whole"><p class="status" aria-hidden="true">${status}</p><h1>${title}</h1><p>${text}</p>
<p class="fine">Code <code>${code}</code></p><p><a href="/">To the node’s page</a></p></section>`,
  })
}
