import { html, type Part, type SafeHtml, trusted } from './html.ts'
import { stylesheet } from './stylesheet.ts'

export interface Layout {
  title: string
  /** what stands at the right of the header: who this node is */
  badge?: Part
  /** the way back, outermost first; the page itself is the last */
  trail?: readonly { name: string; href: string }[]
  main: Part
}

/** Two friends: the mark of Amigos. */
const mark = trusted(
  '<svg class="mark" viewBox="0 0 40 24" aria-hidden="true" focusable="false"><circle cx="14" cy="12" r="10"/><circle cx="26" cy="12" r="10"/></svg>',
)

const style = trusted(`<style>${stylesheet}</style>`)

/** The frame of every page. The style is in the page itself, by its hash in the CSP: no second request, none to another place. */
export function layout({ title, badge, trail = [], main }: Layout): SafeHtml {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${style}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="wordmark" href="/">${mark}<span>amigos</span></a>${badge}</header>
${trail.length > 0 && html`<nav class="trail" aria-label="You are here"><ol>${trail.map(crumb)}</ol></nav>`}
<main id="main" tabindex="-1">
${main}
</main>
<footer>Served by your own node, to this machine only. No script, no cookie, nothing from elsewhere.</footer>
</body>
</html>
`
}

function crumb({ name, href }: { name: string; href: string }, index: number, all: readonly unknown[]): SafeHtml {
  return html`<li><a href="${href}"${index === all.length - 1 && trusted(' aria-current="page"')}>${name}</a></li>`
}
