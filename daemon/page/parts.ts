/** Pieces that more than one page is made of. */
import { MAX_ID_LENGTH, MAX_ROWS } from './constants.ts'
import { clip, count, shorten } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { identicon } from './identicon.ts'
import type { Problem } from './problems.ts'
import type { PageNode, PageService } from './types.ts'

/** A line to copy: one click selects it whole, without a script. */
export function commandLine(line: string): SafeHtml {
  return html`<pre class="command"><code>${line}</code></pre>`
}

/** Terms and what they stand for. Rows without a value are left out. */
export function facts(rows: readonly (readonly [term: Part, value: Part])[]): SafeHtml {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
  return html`<dl class="facts">${shown.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** A CID, a peer ID, an address: whole, and breaking wherever the screen ends. */
export function identifier(id: string): SafeHtml | undefined {
  return id === '' ? undefined : html`<code class="id">${clip(id, MAX_ID_LENGTH)}</code>`
}

/** The first `MAX_ROWS` of a list, and how many are not shown. */
export function rows<T>(items: readonly T[], noun: string, row: (item: T) => Part): Part {
  const hidden = items.length - MAX_ROWS
  return [
    items.slice(0, MAX_ROWS).map(row),
    hidden > 0 && html`<li class="more">and ${count(hidden, `more ${noun}`)}</li>`,
  ]
}

/** Who this node is, in the header of every page. */
export function nodeBadge({ peerId, username }: PageNode): SafeHtml {
  const name = username ?? shorten(clip(peerId, MAX_ID_LENGTH))
  return html`<a class="badge" href="/" title="${clip(peerId, MAX_ID_LENGTH)}">${identicon(peerId)}<span>${clip(name, 64)}</span></a>`
}

/** How far a state is trusted: the word, and what it means where we know. */
export function trustMark(trust: string): SafeHtml {
  const word = clip(trust, 32)
  const meaning = Object.hasOwn(TRUST, word) ? TRUST[word] : undefined
  return html`<span class="tag trust-${/^[a-z]+$/.test(word) ? word : 'other'}"${meaning && html` title="${meaning}"`}>${word}</span>`
}

export const TRUST: Readonly<Record<string, string>> = {
  replayed: 'every step was run again here, with the same result',
  signed: 'signed by its host; not yet run again here',
  own: 'made on this node',
}

/** A failure, in words, with its code. */
export function problemBox({ title, text, code, detail, line }: Problem): SafeHtml {
  return html`<section class="problem" aria-label="What went wrong"><h2>${title}</h2><p>${text}</p>
${detail && html`<p>It said:</p><pre tabindex="0"><code>${detail}</code></pre>`}${line && commandLine(line)}<p class="fine">Code <code>${code}</code></p></section>`
}

const KINDS: readonly string[] = ['genesis', 'fork', 'step', 'upgrade', 'merge', 'rollback', 'handover']

/** A kind of commit as part of a class name. */
export function kindOf(kind: string): string {
  return KINDS.includes(kind) ? kind : 'other'
}

/** What kind of commit it is; of a step, which most are, nothing. */
export function kindMark(kind: string): Part {
  return kind !== 'step' && html`<span class="tag">${clip(kind, 32)}</span>`
}

/** Who called: a user ID as it is written in a name, short, and whole for whoever points at it. */
export function callerName(caller: string): Part {
  if (caller === '') return 'nobody'
  const id = clip(caller, MAX_ID_LENGTH)
  return html`<code class="id" title="${id}">${id.startsWith('k51') && '~'}${shorten(id)}</code>`
}

/** An identifier, short, and whole for whoever points at it. */
export function shortId(id: string): SafeHtml {
  const whole = clip(id, MAX_ID_LENGTH)
  return html`<code class="id" title="${whole}">${shorten(whole)}</code>`
}

/** What was said of the version. */
export function versionMark({ yanked, deprecated }: Pick<PageService, 'yanked' | 'deprecated'>): Part {
  if (yanked) return html`<span class="tag">withdrawn</span>`
  return deprecated !== undefined && html`<span class="tag">deprecated</span>`
}
