/** Commits for people: a line for each, joined to the one before it, with what was called. */
import type { CallSummary, CommitSummary, Json } from '../daemon/api/vocabulary.ts'
import { MAX_CALLS_SHOWN } from './constants.ts'
import { clock, counted, grouped, short } from './format.ts'
import { join, type Style, say, styled, type Text, toText } from './text.ts'
import { inline, inlineCall } from './value-text.ts'

/** kind of commit: how it is drawn. A step needs no word. */
const GLYPHS: { readonly [kind: string]: { glyph: string; style: Style; word?: string } } = {
  genesis: { glyph: 'o', style: 'cyan', word: 'genesis' },
  fork: { glyph: 'Y', style: 'cyan', word: 'fork' },
  step: { glyph: '*', style: 'green' },
  upgrade: { glyph: '^', style: 'yellow', word: 'upgrade' },
  merge: { glyph: '+', style: 'yellow', word: 'merge' },
  rollback: { glyph: '<', style: 'yellow', word: 'rollback' },
  handover: { glyph: '>', style: 'yellow', word: 'handover' },
}

/** Newest first, as it comes; the oldest line has nothing below it unless there is `more`. */
export function drawHistory(commits: readonly CommitSummary[], now: number, more: boolean): Text[] {
  const seqWidth = Math.max(0, ...commits.map(({ seq }) => String(seq).length))
  return commits.flatMap((commit, index) => {
    const isLast = index === commits.length - 1 && !more
    const rail = isLast ? ' ' : '|'
    const margin = `${' '.repeat(seqWidth)}  `
    return [
      headOf(commit, seqWidth, now),
      ...callsOf(commit).map((line) => say`${styled('dim', rail)} ${margin}${line}`),
    ]
  })
}

/** Who: a user ID as it is written in a name, or a peer ID; short. */
export function shortCaller(caller: string): string {
  if (caller === '') return 'nobody'
  return caller.startsWith('k51') ? `~${short(caller)}` : short(caller)
}

/** `sign("Ana") by ~k51…, 1,204 gas` */
export function showCall(call: CallSummary & { result?: Json }): Text {
  const result = call.result === undefined ? say`` : say` -> ${inline(call.result)}`
  return say`${inlineCall(call)}${result} ${styled('dim', say`by ${shortCaller(call.caller)}, ${grouped(call.gas)} gas`)}`
}

/** What kind of commit it is; nothing for an ordinary one. */
export function kindWord(kind: string): Text {
  const { style, word } = GLYPHS[kind] ?? { style: 'yellow' as const, word: kind }
  return word === undefined ? say`` : styled(style, word)
}

function headOf({ kind, seq, time, commit, forced, from }: CommitSummary, seqWidth: number, now: number): Text {
  const { glyph, style } = Object.hasOwn(GLYPHS, kind) ? GLYPHS[kind]! : { glyph: '?', style: 'yellow' as const }
  const parts = [
    styled(style, glyph),
    styled('bold', String(seq).padStart(seqWidth)),
    toText(clock(time, now).padStart(10)),
    styled('dim', commit),
    kindWord(kind),
    ...(forced ? [styled('red', 'forced')] : []),
    ...(kind === 'fork' && from !== null ? [styled('dim', `of ${from}`)] : []),
  ]
  return join(
    parts.filter((part) => part.width > 0),
    ' ',
  )
}

function callsOf({ calls }: CommitSummary): Text[] {
  const hidden = calls.length - MAX_CALLS_SHOWN
  const gas = calls.slice(MAX_CALLS_SHOWN).reduce((sum, call) => sum + call.gas, 0)
  return [
    ...calls.slice(0, MAX_CALLS_SHOWN).map(showCall),
    ...(hidden > 0 ? [styled('dim', say`and ${counted(hidden, 'more call')}, ${grouped(gas)} gas`)] : []),
  ]
}
