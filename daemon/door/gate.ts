/** Which requests of browsers are let in. Pure; see specs/client.md, "Who is let in". */

/** The facts of a request that the gate looks at. */
export interface ProgramKnock {
  method: string
  /** every Origin header, in order: browsers set it, and pages cannot */
  origins: readonly string[]
  contentType: string | undefined
}

export type Verdict = 'preflight' | 'request' | 'METHOD_NOT_ALLOWED' | 'CROSS_SITE' | 'BAD_REQUEST'

/** @param allowed the origins that this node's user let in */
export function verdictOn({ method, origins, contentType }: ProgramKnock, allowed: ReadonlySet<string>): Verdict {
  const [origin] = origins
  // one that does not say where it comes from is no browser's, and has the local API
  if (origins.length !== 1 || origin === undefined || !allowed.has(origin)) return 'CROSS_SITE'
  if (method === 'OPTIONS') return 'preflight'
  if (method !== 'POST') return 'METHOD_NOT_ALLOWED'
  // anything else a form could send without having asked
  return contentType === 'application/json' ? 'request' : 'BAD_REQUEST'
}

/** Stands for every origin that was let in. No origin is written so. */
export const ALL_ORIGINS = 'all'

/** An origin in its one form, as browsers send it; undefined for what is none. */
export function originIn(word: string): string | undefined {
  if (!URL.canParse(word)) return undefined
  const { origin, protocol, href } = new URL(word)
  const isWhole = href === `${origin}/` || href === origin
  return isWhole && (protocol === 'http:' || protocol === 'https:') ? origin : undefined
}
