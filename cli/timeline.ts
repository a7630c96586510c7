import type { TraceSpan } from '../daemon/api/vocabulary.ts'
import { MAX_SPAN_CHARS, TIMELINE_COLUMNS } from './constants.ts'
import { short } from './format.ts'
import { type Style, say, styled, type Text, table, toText } from './text.ts'

/** What the names of spans say, in words. Those of later versions are shown as they are. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['resolve', 'name resolved'],
  ['sign', 'call signed'],
  ['send', 'waited to be sent'],
  ['wire', 'on the wire'],
  ['lost', 'sent in vain'],
  ['refused', 'refused'],
  ['pause', 'pause before trying'],
  ['grant', 'right to ask signed'],
  ['proof', 'proof checked'],
  ['network', 'network'],
  ['verify', 'signature checked'],
  ['wait', 'waited for its turn'],
  ['open', 'service opened'],
  ['admit', 'admitted'],
  ['run', 'ran in the VM'],
  ['content', 'content fetched'],
  ['previous', 'commit before it'],
  ['commit', 'commit signed'],
  ['asked', 'others asked'],
  ['durable', 'made durable'],
  ['answer', 'answer made'],
])

/** Of names that say that something went wrong. */
const FAILED: ReadonlySet<string> = new Set(['lost', 'refused', 'pause'])

/** A stretch of time, by this node's clock. */
interface Stretch {
  from: number
  ms: number
}

/**
 * A trace as a timeline: a row for each span with its time, its bar and the peer that spent it. What another node spent is indented
 * below the time on the wire, and drawn in the middle of it: its clock is not compared, so nobody knows which half of the network's time came first.
 */
export function timeline(trace: readonly TraceSpan[]): Text[] {
  const total = Math.max(...trace.map(({ at, ms }) => at + ms), 0)
  const rows = trace.flatMap((span) => [
    row(span, { style: 'cyan', indent: '', stretches: [{ from: span.at, ms: span.ms }], total }),
    ...insideRows(span, total),
  ])
  return table(rows)
}

function insideRows({ at, ms, inside = [] }: TraceSpan, total: number): Text[][] {
  const network = Math.min(ms, inside.find(isNetwork)?.ms ?? 0)
  const half = network / 2
  const end = at + ms
  return inside.map((span) => {
    if (isNetwork(span)) {
      const stretches = [
        { from: at, ms: half },
        { from: end - half, ms: half },
      ]
      return row(span, { style: 'dim', indent: '  ', stretches, total })
    }
    // what a host says of itself is not drawn beyond the time in which it can have been
    const from = Math.min(at + half + span.at, end)
    const stretches = [{ from, ms: Math.min(span.ms, end - from) }]
    return row(span, { style: 'green', indent: '  ', stretches, total })
  })
}

interface Look {
  style: Style
  indent: string
  stretches: readonly Stretch[]
  total: number
}

function row({ name, by, ms }: TraceSpan, { style, indent, stretches, total }: Look): Text[] {
  const known = WORDS.get(name)
  const word = known ?? (name.length > MAX_SPAN_CHARS ? `${name.slice(0, MAX_SPAN_CHARS - 1)}…` : name)
  const bar = styled(FAILED.has(name) ? 'yellow' : style, barOf(stretches, total))
  return [say`${indent}${word}`, say`${ms.toFixed(2).padStart(9)} ms`, bar, toText(by === name ? '' : short(by))]
}

/** `··██····`: each stretch takes the columns in which any of it lies, one at least. */
function barOf(stretches: readonly Stretch[], total: number): string {
  const columns = Array.from({ length: TIMELINE_COLUMNS }, () => '·')
  const perColumn = total / TIMELINE_COLUMNS
  for (const { from, ms } of stretches) {
    const first = perColumn === 0 ? 0 : Math.min(TIMELINE_COLUMNS - 1, Math.floor(from / perColumn))
    const last = perColumn === 0 ? 0 : Math.min(TIMELINE_COLUMNS, Math.round((from + ms) / perColumn))
    columns.fill('█', first, Math.max(first + 1, last))
  }
  return columns.join('')
}

const isNetwork = ({ name }: TraceSpan): boolean => name === 'network'
