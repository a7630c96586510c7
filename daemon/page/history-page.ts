/** `/NAME/-/history`: the commits of a service, newest first, drawn one below the other. */
import { MAX_CALLS_SHOWN, MAX_HISTORY_ROWS } from './constants.ts'
import { clip, count, grouped, moment, shorten } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { inlineCall } from './inline-value.ts'
import { callerName, kindMark, kindOf } from './parts.ts'
import type { PageCall, PageHistory, PageService } from './types.ts'

type Row = PageHistory['commits'][number]

/** Commits, the newest first. @param before CID of the commit above the first of this page; undefined: from the head */
export function historyPage({ name }: PageService, found: PageHistory, before: string | undefined): SafeHtml {
  const commits = found.commits.slice(0, MAX_HISTORY_ROWS)
  const oldest = commits.at(-1)
  const more = found.more || found.commits.length > commits.length
  const older = more && oldest && html`<a href="/${name}/-/history/${oldest.commit}" rel="next">Older commits</a>`
  const newest = before !== undefined && html`<a href="/${name}/-/history">Newest commits</a>`
  return html`<section aria-labelledby="page-history"><h2 id="page-history">History</h2>
${commits.length === 0 ? html`<p class="empty">No commits${before !== undefined && ' before this one'}.</p>` : html`<ol class="history">${commits.map((commit) => row(name, commit))}</ol>`}
${found.pruned && !more && html`<p class="fine">What came before was pruned, or is not on this node.</p>`}
${(older || newest) && html`<nav class="pager" aria-label="More of the history">${newest} ${older}</nav>`}</section>`
}

function row(name: string, { commit, seq, time, kind, forced, calls }: Row): SafeHtml {
  return html`<li class="kind-${kindOf(kind)}"><p class="head"><strong>${seq}</strong> ${kindMark(kind)}${forced && html` <span class="tag trust-bad">forced</span>`} ${moment(time)} <a href="/${name}/-/commit/${commit}"><code>${shorten(clip(commit, 128))}</code></a></p>${callList(calls)}</li>`
}

function callList(calls: readonly PageCall[]): Part {
  const hidden = calls.slice(MAX_CALLS_SHOWN)
  const gas = hidden.reduce((sum, call) => sum + call.gas, 0)
  return [
    calls
      .slice(0, MAX_CALLS_SHOWN)
      .map(
        (call) =>
          html`<p class="call"><code>${inlineCall(call)}</code> <span class="fine">by ${callerName(call.caller)}, ${grouped(call.gas)} gas</span></p>`,
      ),
    hidden.length > 0 && html`<p class="fine">and ${count(hidden.length, 'more call')}, ${grouped(gas)} gas</p>`,
  ]
}
