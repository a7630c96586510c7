/** `/NAME/-/functions`: what can be called, by whom, within which limits, and where the service stands. */
import { callLine } from './command.ts'
import { MAX_DOC_LENGTH, MAX_ID_LENGTH, MAX_LINE_LENGTH } from './constants.ts'
import { bytes, clip, grouped } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { commandLine, facts, identifier, rows, TRUST, trustMark } from './parts.ts'
import type { PageFunction, PageNode, PageRules, PageService, PageWho } from './types.ts'

export interface FunctionsView {
  node: PageNode
  service: PageService
  functions: readonly PageFunction[]
  rules: PageRules | undefined
}

export function functionsPage({ node, service, functions, rules }: FunctionsView): SafeHtml {
  return html`<section aria-labelledby="page-functions"><h2 id="page-functions">Functions</h2>${functionList(node, service, functions, rules)}</section>
${
  rules &&
  html`<section aria-labelledby="page-access"><h2 id="page-access">Who may do what</h2>${access(rules)}</section>
<section aria-labelledby="page-limits"><h2 id="page-limits">Limits of a call</h2>${limits(rules)}</section>`
}
<section aria-labelledby="page-about"><h2 id="page-about">About this service</h2>${about(service)}</section>`
}

/** The functions as cards, also for a service that shows no page of its own. */
export function functionList(
  { command }: PageNode,
  { address }: PageService,
  functions: readonly PageFunction[],
  rules: PageRules | undefined,
): Part {
  if (functions.length === 0) return html`<p class="empty">This contract exports no functions.</p>`
  const own = rules?.access.functions ?? {}
  const item = (fn: PageFunction) =>
    functionItem(command, address, fn, Object.hasOwn(own, fn.name) ? own[fn.name] : undefined)
  return html`<ul class="functions">${rows(functions, 'function', item)}</ul>`
}

function functionItem(command: string, address: string, fn: PageFunction, who: PageWho | undefined): SafeHtml {
  const line = callLine(command, address, fn)
  return html`<li class="card"><h3><code>${clip(fn.name, 64)}</code> <span class="tag">${fn.kind === 'query' ? 'query' : 'call'}</span>${who !== undefined && html` <span class="tag">${whoIs(who)}</span>`}</h3>
<p class="signature"><code>${clip(fn.name, 64)}${clip(fn.signature, MAX_LINE_LENGTH)}</code></p>
${fn.doc !== '' && html`<p class="doc">${clip(fn.doc, MAX_DOC_LENGTH)}</p>`}
${line && commandLine(line)}</li>`
}

function access({ access: { call, query, history, functions } }: PageRules): SafeHtml {
  const own = Object.entries(functions)
  return facts([
    ['Call', who(call)],
    ['Query', who(query)],
    ['History, state', who(history)],
    ...own.slice(0, 50).map(([name, value]): [SafeHtml, Part] => [html`<code>${clip(name, 64)}</code>`, who(value)]),
  ])
}

function limits({ limits: { gas, memory, args, result, delta, queue } }: PageRules): SafeHtml {
  return facts([
    ['Gas', grouped(gas)],
    ['Memory', bytes(memory)],
    ['Arguments', bytes(args)],
    ['Result', bytes(result)],
    ['Change of state', bytes(delta)],
    ['Waiting calls', grouped(queue)],
  ])
}

function whoIs(who: PageWho): string {
  if (Array.isArray(who)) return `the owner and ${who.length} more`
  return who === 'public' ? 'everybody' : 'the owner alone'
}

function who(who: PageWho): Part {
  if (!Array.isArray(who)) return whoIs(who)
  const user = (id: string) => html`<li><code class="id">~${clip(id, MAX_ID_LENGTH)}</code></li>`
  return html`<ul class="plain"><li>the owner</li>${rows(who, 'user', user)}</ul>`
}

function about(service: PageService): SafeHtml {
  const meaning = Object.hasOwn(TRUST, service.trust) ? TRUST[service.trust] : ''
  return facts([
    ['Published as', service.published && identifier(service.published)],
    ['On this node', service.address.startsWith('local.land/') && identifier(service.address)],
    ['Service ID', identifier(service.service)],
    ['Contract', identifier(service.contract)],
    [
      'Commit',
      html`number ${service.seq} <a href="/${service.name}/-/commit/${service.commit}">${identifier(service.commit)}</a>`,
    ],
    ['Trust', html`${trustMark(service.trust)} ${meaning}`],
  ])
}
