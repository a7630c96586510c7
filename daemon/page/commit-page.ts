/** `/NAME/-/commit/CID`: one step of a service: who called what, what came of it, and what it changed. */
import { MAX_ID_LENGTH, MAX_LINE_LENGTH, MAX_ROWS } from './constants.ts'
import { clip, count, grouped, moment } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { inlineCall, inlineValue } from './inline-value.ts'
import { callerName, commandLine, facts, identifier, kindMark, rows, shortId, TRUST, trustMark } from './parts.ts'
import type { PageCommit, PageNode, PageService } from './types.ts'

type Call = PageCommit['calls'][number]

export function commitPage({ command }: PageNode, service: PageService, found: PageCommit): SafeHtml {
  const forced = found.forced && html` <span class="tag trust-bad">forced: it breaks callers</span>`
  return html`<section aria-labelledby="page-commit"><h2 id="page-commit">Commit ${found.seq} ${kindMark(found.kind)}${forced}</h2>
<p>${moment(found.time)}</p><p>${identifier(found.commit)}</p></section>
<section aria-labelledby="page-calls"><h2 id="page-calls">Calls</h2>${calls(found)}</section>
<section aria-labelledby="page-changes"><h2 id="page-changes">What changed</h2>${changes(found)}</section>
<section aria-labelledby="page-about"><h2 id="page-about">About this commit</h2>${about(service.name, found)}${commandLine(`${command} show ${found.commit}`)}</section>`
}

function about(name: string, found: PageCommit): SafeHtml {
  const { delta, content, before } = found
  const link = (cid: string): SafeHtml => html`<a href="/${name}/-/commit/${cid}">${identifier(cid)}</a>`
  const meaning = Object.hasOwn(TRUST, found.trust) ? TRUST[found.trust] : ''
  // a fork comes from another service, whose commits are not among these
  const from = found.from && (found.kind === 'fork' ? identifier(found.from) : link(found.from))
  return facts([
    ['Parent', found.parent && link(found.parent)],
    [found.kind === 'fork' ? 'Forked from' : 'State of', from],
    ['Owner', found.owner && html`<code class="id">~${clip(found.owner, MAX_ID_LENGTH)}</code>`],
    ['Contract', identifier(found.contract)],
    ['Signed by', html`${identifier(found.host)} <span class="fine">epoch ${found.epoch}</span>`],
    ['Trust', html`${trustMark(found.trust)} ${meaning}`],
    ['Memory before', before && identifier(before)],
    ['Memory after', identifier(found.root)],
    ['Change', delta && `${grouped(delta.lines)} lines (256 bytes) in ${count(delta.pages, 'page')}`],
    [
      'Content',
      content.length > 0 &&
        html`<ul class="plain">${rows(content, 'block', (cid) => html`<li>${identifier(cid)}</li>`)}</ul>`,
    ],
    ['Engine', identifier(found.engine)],
  ])
}

function calls({ calls: list, init }: PageCommit): Part {
  if (list.length === 0 && init && init.length > 0)
    return html`<ol class="calls"><li class="card"><p class="call"><code>${inlineCall({ method: 'init', args: init })}</code></p></li></ol>`
  if (list.length === 0) return html`<p class="empty">Nobody called anything in this commit.</p>`
  const gas = list.reduce((sum, call) => sum + call.gas, 0)
  return html`<p class="fine">${count(list.length, 'call')}, ${grouped(gas)} gas</p><ol class="calls">${rows(list, 'call', callItem)}</ol>`
}

function callItem(call: Call): SafeHtml {
  const event = ({ name, value }: Call['events'][number]): SafeHtml =>
    html`<li><span class="tag">event</span> <code>${clip(name, 64)}</code> <code>${inlineValue(value)}</code></li>`
  return html`<li class="card"><p class="call"><code>${inlineCall(call)}</code></p>
<p class="result"><span aria-label="gave">→</span> <code>${inlineValue(call.result)}</code></p>
<p class="fine">by ${callerName(call.caller)}, ${grouped(call.gas)} gas</p>
${call.asks.length > 0 && html`<ul class="plain">${rows(call.asks, 'ask', ask)}</ul>`}
${call.events.length > 0 && html`<ul class="plain">${rows(call.events, 'event', event)}</ul>`}</li>`
}

/** What it asked of another service. */
function ask({ service, method, ok, code, gas, commit }: Call['asks'][number]): SafeHtml {
  const came = ok
    ? html`<span class="plus">answered</span>`
    : html`<span class="minus">${clip(code ?? 'failed', 64)}</span>`
  return html`<li><span class="tag">asked</span> ${method === null ? 'a function' : html`<code>${clip(method, 64)}</code>`} of ${service === null ? 'an unknown service' : shortId(service)}: ${came}
<span class="fine">${grouped(gas)} gas${commit !== null && html`, ${method === null ? 'at' : 'in'} ${shortId(commit)}`}</span></li>`
}

/** What there is to say where nothing came before. */
const FIRST: { readonly [kind: string]: string } = {
  genesis: 'It is the first commit: all that there is begins here.',
  fork: 'Nothing: it begins with the state of the commit that it was made of.',
}

function changes({ changes: list, moreChanges, kind }: PageCommit): Part {
  if (list === null && Object.hasOwn(FIRST, kind)) return html`<p class="empty">${FIRST[kind]}</p>`
  if (list === null)
    return html`<p class="empty">There is nothing on this node to compare it with, or the state is too large to be compared.</p>`
  if (list.length === 0) return html`<p class="empty">Nothing that the variables show.</p>`
  return html`<ul class="changes">${rows(list, 'change', change)}${moreChanges && list.length <= MAX_ROWS && html`<li class="more">and more</li>`}</ul>`
}

function change({ path, from, to }: NonNullable<PageCommit['changes']>[number]): SafeHtml {
  return html`<li><code class="path">${path === '' ? '/' : clip(path, MAX_LINE_LENGTH)}</code>
${from !== undefined && html`<p class="minus"><span aria-label="was">−</span> <code>${inlineValue(from)}</code></p>`}
${to !== undefined && html`<p class="plus"><span aria-label="is">+</span> <code>${inlineValue(to)}</code></p>`}</li>`
}
