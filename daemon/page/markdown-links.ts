/** Where a link in a contract's Markdown may lead. Pure; see specs/page.md, "Links". */
import { MAX_ANCHOR_LENGTH, MAX_LINK_LENGTH } from './constants.ts'

/** The place a text is shown at: the service's name, and the decoded path below it. */
export interface Place {
  service: string
  path: string
}

export interface Link {
  href: string
  /** leaves this node's page */
  outside: boolean
}

/** An origin that no link can mean (RFC 2606): relative links are resolved against it, with the service as its root. */
const INSIDE = 'http://service.invalid'

/** Prefix of the anchors that headings get, so that none can take an ID that the page itself uses. */
const ANCHOR = 'at-'

/**
 * Resolves a link, or gives undefined for one that is not allowed. Allowed are `http:`, `https:` without a password, `mailto:`, an
 * anchor, and relative links, which cannot leave the service: `/x` is the service's own path, and `..` stops there.
 */
export function resolveLink(target: string, place: Place): Link | undefined {
  if (target.length > MAX_LINK_LENGTH) return undefined
  if (target.startsWith('#')) return { href: `#${anchor(decode(target.slice(1)))}`, outside: false }
  const path = place.path.split('/').filter(isNamed).map(encodeURIComponent).join('/')
  const slash = place.path.endsWith('/') && path !== '' ? '/' : ''
  const url = URL.parse(target, `${INSIDE}/${path}${slash}`)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  if (url.protocol === 'mailto:') return { href: url.href, outside: true }
  if (url.origin === INSIDE) {
    const hash = url.hash === '' ? '' : `#${anchor(decode(url.hash.slice(1)))}`
    return { href: `/${place.service}${url.pathname}${url.search}${hash}`, outside: false }
  }
  // `//host` and `/\host` are refused: they read like paths and lead to other machines
  return /^https?:\/\//i.test(target) ? { href: url.href, outside: true } : undefined
}

/** The anchor of a heading, made of its letters and digits. */
export function anchor(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')
  return ANCHOR + words.replace(/^-|-$/g, '').slice(0, MAX_ANCHOR_LENGTH).toWellFormed()
}

function isNamed(segment: string): boolean {
  return segment !== ''
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
