/** Names of one part: CIDs and peer IDs, see specs/registry.md. */
const ALONE = /^(?:baf[a-z2-7]{20,}|12D3Koo[1-9A-HJ-NP-Za-km-z]{20,}|Qm[1-9A-HJ-NP-Za-km-z]{44})$/

/** Where the path in a page begins: after `x.land/_/forum`, `alice.amigos.net/forum`, `alice/forum`, `~k51.../forum` or a CID. */
export function splitPagePath(word: string): { name: string; path: string } {
  const parts = word.split('/')
  const [first = ''] = parts
  const length = ALONE.test(first) ? 1 : first.endsWith('.land') ? 3 : 2
  return { name: parts.slice(0, length).join('/'), path: parts.slice(length).join('/') }
}
