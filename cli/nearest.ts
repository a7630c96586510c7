import { distance } from './distance.ts'

/** The candidate that somebody who typed `word` may have meant: it begins so, or is few slips away; undefined if none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: { candidate: string; slips: number } | undefined
  for (const candidate of candidates) {
    const slips = word.length >= 3 && candidate.startsWith(word) ? 1 : distance(word.slice(0, 64), candidate)
    if (slips <= limit && (best === undefined || slips < best.slips)) best = { candidate, slips }
  }
  return best?.candidate
}
