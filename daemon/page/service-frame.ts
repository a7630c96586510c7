/** What all pages of one service have around them: its name, how far it is trusted, and the tabs. */
import { MAX_LINE_LENGTH } from './constants.ts'
import { clip, shorten } from './format.ts'
import { html, type Part, type SafeHtml, trusted } from './html.ts'
import { layout } from './layout.ts'
import { nodeBadge, problemBox, shortId, trustMark, versionMark } from './parts.ts'
import type { Problem } from './problems.ts'
import type { PageNode, PageService } from './types.ts'

/** The segment that no path of a contract begins with: what is behind it is the node's. */
export const EXPLORER = '-'

export type Tab = 'page' | 'functions' | 'state' | 'history' | 'graph' | 'commit'

export interface ServiceFrame {
  node: PageNode
  service: PageService
  tab: Tab
  /** of the tab `commit` */
  commit?: string
  /** what the title and the trail say of this page; the service itself if there is none */
  place?: { name: string; href: string }
  main: Part
}

const TABS: readonly { tab: Tab; name: string; path: string }[] = [
  { tab: 'page', name: 'Page', path: '' },
  { tab: 'functions', name: 'Functions', path: `${EXPLORER}/functions` },
  { tab: 'state', name: 'State', path: `${EXPLORER}/state` },
  { tab: 'history', name: 'History', path: `${EXPLORER}/history` },
  { tab: 'graph', name: 'Graph', path: `${EXPLORER}/graph` },
]

export function serviceFrame({ node, service, tab, commit, place, main }: ServiceFrame): SafeHtml {
  const name = clip(service.title, 64)
  const root = { name, href: `/${service.name}/` }
  const tabs = commit === undefined ? TABS : [...TABS, { tab, name: 'Commit', path: `${EXPLORER}/commit/${commit}` }]
  return layout({
    title: `${place === undefined ? name : `${place.name} · ${name}`} · Amigos`,
    badge: nodeBadge(node),
    trail: [{ name: 'node', href: '/' }, root, ...(place === undefined ? [] : [place])],
    main: html`<div class="title"><h1>${name}</h1> <span class="tag">${clip(service.version, 64)}</span> ${versionMark(service)} ${trustMark(service.trust)}</div>
${service.deprecated !== undefined && html`<p class="fine">Version ${clip(service.version, 64)} should not be used any more: ${clip(service.deprecated, MAX_LINE_LENGTH)}</p>`}
${service.description !== '' && html`<p class="lead">${clip(service.description, MAX_LINE_LENGTH)}</p>`}
${service.beside && service.beside.length > 0 && html`<p class="fine">Other versions that run: ${service.beside.map((other) => html`<a href="/${other}/">${clip(other, 64)}</a> `)}</p>`}
${service.forkedFrom && html`<p class="fine">Forked from ${originOf(service.forkedFrom)}</p>`}
<nav class="tabs" aria-label="About ${name}"><ul>${tabs.map((one) => tabLink(root.href, one, one.tab === tab))}</ul></nav>
${main}`,
  })
}

function originOf({ service, commit, name }: NonNullable<PageService['forkedFrom']>): SafeHtml {
  const word =
    name === undefined ? (service === null ? 'a service that is not here' : shorten(service)) : clip(name, 128)
  const local = name?.startsWith(LOCAL) ? name.slice(LOCAL.length) : (service ?? undefined)
  const link = local === undefined ? html`${word}` : html`<a href="/${local}/">${word}</a>`
  return html`${link}, commit ${shortId(commit)}`
}

/** What the names of services of this node begin with. */
const LOCAL = 'local.land/_/'

/** A failure in the place of what was asked for; the tabs stay. */
export function problemFrame(frame: Omit<ServiceFrame, 'main'>, problem: Problem): SafeHtml {
  return serviceFrame({ ...frame, main: problemBox(problem) })
}

function tabLink(root: string, { name, path }: { name: string; path: string }, isHere: boolean): SafeHtml {
  return html`<li><a href="${root}${path}"${isHere && trusted(' aria-current="true"')}>${name}</a></li>`
}
