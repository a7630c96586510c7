/** A value as a tree that folds without a script. */
import { MAX_LINE_LENGTH, MAX_TREE_DEPTH, MAX_TREE_NODES, MAX_TREE_OPEN } from './constants.ts'
import { clip, count } from './format.ts'
import { html, type Part, type SafeHtml, trusted } from './html.ts'
import { inlineValue } from './inline-value.ts'
import { type Container, contentOf, type Shown, shownOf, sizeOf } from './shown.ts'
import type { PageJson } from './types.ts'

/** How much more may be drawn, over the whole tree: so wide and deep a state costs no more than another. */
interface Budget {
  nodes: number
}

/** At most so many nodes; what is not shown is counted. */
export function valueTree(value: PageJson): SafeHtml {
  const shown = shownOf(value)
  if (sizeOf(shown) === 0) return html`<p>${leafOf(shown)}</p>`
  return html`<div class="tree">${branches(shown, 0, { nodes: MAX_TREE_NODES })}</div>`
}

function branches(shown: Shown, depth: number, budget: Budget): Part {
  const all = partsOf(shown)
  const drawn: Part[] = []
  for (const [label, value] of all) {
    if (budget.nodes <= 0 || depth >= MAX_TREE_DEPTH) break
    budget.nodes--
    drawn.push(branch(label(), value, depth, budget))
  }
  const hidden = all.length - drawn.length
  return html`<ul>${drawn}${hidden > 0 && html`<li class="more">and ${count(hidden, 'more part')}</li>`}</ul>`
}

function branch(label: string, value: PageJson, depth: number, budget: Budget): SafeHtml {
  const shown = shownOf(value)
  const key = html`<code class="key">${clip(label, MAX_LINE_LENGTH)}</code>`
  const size = sizeOf(shown)
  if (size === 0) return html`<li>${key} ${leafOf(shown)}</li>`
  const open = depth === 0 && size <= MAX_TREE_OPEN && trusted(' open')
  return html`<li><details${open}><summary>${key} ${aboutOf(shown)}</summary>${branches(shown, depth + 1, budget)}</details></li>`
}

type Labelled = readonly [label: () => string, value: PageJson]

function partsOf(shown: Shown): readonly Labelled[] {
  if (shown.kind === 'leaf') return []
  const fields = (shown.kind === 'fields' ? shown.fields : shown.own).map(
    ([key, value]): Labelled => [() => key, value],
  )
  if (shown.kind === 'items') return [...shown.items.map((item, at): Labelled => [() => String(at), item]), ...fields]
  if (shown.kind === 'fields') return fields
  return [...shown.entries.map(([key, value]): Labelled => [() => inlineValue(key), value]), ...fields]
}

function leafOf(shown: Shown): SafeHtml {
  if (shown.kind === 'leaf')
    return shown.aside
      ? html`<span class="aside">${clip(shown.text, MAX_LINE_LENGTH)}</span>`
      : html`<code class="value">${clip(shown.text, MAX_LINE_LENGTH)}</code>`
  return html`<span class="aside">empty ${kindOf(shown)}</span>`
}

function aboutOf(shown: Shown): SafeHtml {
  if (shown.kind === 'leaf') return leafOf(shown)
  const type = shown.kind === 'fields' ? shown.name : shown.type
  const name = type !== '' && html`<code class="class">${clip(type, 64)}</code> `
  return html`<span class="aside">${name}${shown.kind === 'fields' ? count(sizeOf(shown), 'field') : `${builtIn(shown)} of ${contentOf(shown).length}`}</span>`
}

function kindOf(shown: Exclude<Shown, { kind: 'leaf' }>): string {
  const type = shown.kind === 'fields' ? shown.name : shown.type
  if (type !== '') return clip(type, 64)
  return shown.kind === 'fields' ? 'object' : builtIn(shown)
}

function builtIn(shown: Extract<Shown, Container>): string {
  return shown.kind === 'items' ? shown.name : 'Map'
}
