import MarkdownIt, { type RendererRule, type Token } from 'markdown-it'
import { MAX_HTML_LENGTH, MAX_LINKS_LENGTH, MAX_MARKDOWN_NESTING } from './constants.ts'
import { PageError } from './errors.ts'
import { escapeHtml } from './html.ts'
import { anchor, type Link, type Place, resolveLink } from './markdown-links.ts'

export type RenderMarkdown = (text: string, place: Place) => string

/** What is remembered while one text is rendered. */
interface Progress {
  place: Place
  /** characters of link targets that may still be written */
  linkBudget: number
  /** for each open link, whether its element was written */
  links: boolean[]
  anchors: Set<string>
}

/** What a rule writes one token from. */
interface Scene {
  token: Token
  /** the token after it: of a heading, its text */
  next: Token | undefined
  progress: Progress
  /** the text of inline tokens, without any markup */
  textOf: (tokens: Token[]) => string
}

const ALIGNMENTS: Readonly<Record<string, string>> = {
  'text-align:left': 'left',
  'text-align:center': 'centre',
  'text-align:right': 'right',
}

/** The page's own h1 is the service's name. */
const HEADING_SHIFT = 1

/**
 * Makes a renderer from a contract's Markdown to HTML that may stand in the page whatever the text says: no raw HTML, no script, no
 * style, no remote content, links as `resolveLink` allows. What is not allowed stays readable as text.
 *
 * Time and memory grow linearly with the text (nesting and link targets are bounded), but 1 MiB may take a second: run it in
 * `markdown-worker.ts`.
 */
export function createMarkdownRenderer(): RenderMarkdown {
  const markdown = new MarkdownIt('default', {
    html: false,
    linkify: false,
    typographer: false,
    maxNesting: MAX_MARKDOWN_NESTING,
  })
  markdown.validateLink = (target) => resolveLink(target, { service: '', path: '' }) !== undefined
  for (const [name, write] of Object.entries(rules)) markdown.renderer.rules[name] = toRendererRule(write)
  return (text, place) => {
    const progress: Progress = { place, linkBudget: MAX_LINKS_LENGTH, links: [], anchors: new Set() }
    const output = markdown.render(text, { progress })
    if (output.length <= MAX_HTML_LENGTH) return output
    throw new PageError('MARKDOWN_TOO_LARGE', `the HTML of this text is longer than ${MAX_HTML_LENGTH} characters`)
  }
}

const rules: Readonly<Record<string, (scene: Scene) => string>> = {
  link_open: ({ token, progress }) => {
    const link = spend(token.attrGet('href'), progress)
    progress.links.push(link !== undefined)
    return link === undefined ? '' : openLink(link)
  },
  link_close: ({ progress }) => (progress.links.pop() ? '</a>' : ''),
  image: ({ token, progress, textOf }) => {
    const words = escapeHtml(textOf(token.children ?? []) || 'image')
    // links do not nest: an image inside a link is its words alone
    const link = progress.links.includes(true) ? undefined : spend(token.attrGet('src'), progress)
    return link === undefined ? words : `${openLink(link)}${words}</a>`
  },
  heading_open: ({ token, next, progress }) => {
    const id = anchor(next?.content ?? '')
    const attribute = progress.anchors.has(id) ? '' : ` id="${escapeHtml(id)}"`
    progress.anchors.add(id)
    return `<h${level(token)}${attribute}>`
  },
  heading_close: ({ token }) => `</h${level(token)}>\n`,
  fence: ({ token }) => preformatted(token),
  code_block: ({ token }) => preformatted(token),
  table_open: () => '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>\n',
  table_close: () => '</table></div>\n',
  th_open: ({ token }) => `<th${alignment(token)}>`,
  td_open: ({ token }) => `<td${alignment(token)}>`,
}

function toRendererRule(write: (scene: Scene) => string): RendererRule {
  return (tokens, index, options, env, renderer) =>
    write({
      token: tokens[index]!,
      next: tokens[index + 1],
      progress: env!['progress'] as Progress,
      textOf: (children) => renderer.renderInlineAsText(children, options, env),
    })
}

function spend(target: string | number | null, progress: Progress): Link | undefined {
  const link = resolveLink(String(target ?? ''), progress.place)
  progress.linkBudget -= link?.href.length ?? 0
  return progress.linkBudget < 0 ? undefined : link
}

function openLink({ href, outside }: Link): string {
  return `<a href="${escapeHtml(href)}"${outside ? ' rel="noopener noreferrer nofollow ugc"' : ''}>`
}

function level({ tag }: Token): number {
  return Math.min(6, Number(tag.slice(1)) + HEADING_SHIFT)
}

function preformatted({ content }: Token): string {
  return `<pre tabindex="0"><code>${escapeHtml(content)}</code></pre>\n`
}

// the CSP allows no style attributes
function alignment(token: Token): string {
  const name = ALIGNMENTS[String(token.attrGet('style'))]
  return name === undefined ? '' : ` class="${name}"`
}
