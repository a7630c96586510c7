import type { SafeHtml } from './html.ts'

/** What a route makes of a request, before the headers that every answer gets. */
export interface Answer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

const HTML = 'text/html; charset=utf-8'
const SVG = 'image/svg+xml; charset=utf-8'

/** A page. @param status of HTTP */
export function htmlAnswer(status: number, body: SafeHtml, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'Content-Type': HTML, ...headers }, body: body.toString() }
}

/** A picture. */
export function svgAnswer(body: SafeHtml): Answer {
  return { status: 200, headers: { 'Content-Type': SVG }, body: body.toString() }
}

/** `path` must be one of our own: it goes into a header as it is. */
export function redirectAnswer(path: string): Answer {
  return { status: 308, headers: { 'Content-Type': HTML, Location: path }, body: '' }
}
