/** What a request has to be before anything is done for it. Pure; see specs/page.md, "Requests". */
import type { RequestErrorCode } from './errors.ts'

/** The facts of a request that the gate looks at. */
export interface Knock {
  method: string
  /** every Host header, in order */
  hosts: readonly string[]
  /** Sec-Fetch-Site and Sec-Fetch-Dest, which browsers set and pages cannot */
  fetchSite: string | undefined
  fetchDest: string | undefined
  hasBody: boolean
}

const METHODS: readonly string[] = ['GET', 'HEAD']
const OWN_SITES: readonly (string | undefined)[] = [undefined, 'none', 'same-origin']

const checks: readonly { code: RequestErrorCode; refuses: (knock: Knock) => boolean }[] = [
  { code: 'METHOD_NOT_ALLOWED', refuses: ({ method }) => !METHODS.includes(method) },
  { code: 'HOST_MISSING', refuses: ({ hosts }) => hosts.length !== 1 || hosts[0] === '' },
  { code: 'BODY_REFUSED', refuses: ({ hasBody }) => hasBody },
  // another site may link here; it may not load this page behind the reader's back and have contracts work for it
  {
    code: 'CROSS_SITE',
    refuses: ({ fetchSite, fetchDest }) => !OWN_SITES.includes(fetchSite) && fetchDest !== 'document',
  },
]

/** The first reason to refuse, or undefined. Whether the host is one of ours is asked after this, with `hosts.ts`. */
export function refusal(knock: Knock): RequestErrorCode | undefined {
  return checks.find(({ refuses }) => refuses(knock))?.code
}
