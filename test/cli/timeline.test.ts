import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TIMELINE_COLUMNS } from '../../cli/constants.ts'
import { timeline } from '../../cli/timeline.ts'
import type { TraceSpan } from '../../daemon/api/vocabulary.ts'

const ME = '12D3KooWAAAAaaaaa'
const HOST = '12D3KooWBBBBbbbbb'

const drawn = (trace: readonly TraceSpan[]): string[] => timeline(trace).map((row) => row.render(false).trimEnd())

/** The bars of rows, by the characters they are made of. */
const bars = (trace: readonly TraceSpan[]): string[] => drawn(trace).map((row) => row.match(/[·█]+/)![0])

const VECTORS: { what: string; trace: TraceSpan[]; rows: string[] }[] = [
  { what: 'nothing', trace: [], rows: [] },
  {
    what: 'what took no time at all',
    trace: [{ name: 'resolve', by: ME, at: 0, ms: 0 }],
    rows: ['name resolved       0.00 ms  █·······················  12D3KooWAAAAaaaaa'],
  },
  {
    what: 'a call on this node',
    trace: [
      { name: 'sign', by: ME, at: 0, ms: 6 },
      { name: 'run', by: ME, at: 6, ms: 12 },
      { name: 'durable', by: ME, at: 18, ms: 6 },
    ],
    rows: [
      'call signed         6.00 ms  ██████··················  12D3KooWAAAAaaaaa',
      'ran in the VM      12.00 ms  ······████████████······  12D3KooWAAAAaaaaa',
      'made durable        6.00 ms  ··················██████  12D3KooWAAAAaaaaa',
    ],
  },
  {
    what: 'a call on another node, its part in the middle of the time on the wire',
    trace: [
      { name: 'send', by: ME, at: 0, ms: 2 },
      {
        ...{ name: 'wire', by: ME, at: 2, ms: 20 },
        inside: [
          { name: 'network', by: 'network', at: 2, ms: 8 },
          { name: 'run', by: HOST, at: 0, ms: 6 },
          { name: 'durable', by: HOST, at: 6, ms: 6 },
        ],
      },
      { name: 'proof', by: ME, at: 22, ms: 2 },
    ],
    rows: [
      'waited to be sent       2.00 ms  ██······················  12D3KooWAAAAaaaaa',
      'on the wire            20.00 ms  ··████████████████████··  12D3KooWAAAAaaaaa',
      '  network               8.00 ms  ··████············████··',
      '  ran in the VM         6.00 ms  ······██████············  12D3KooWBBBBbbbbb',
      '  made durable          6.00 ms  ············██████······  12D3KooWBBBBbbbbb',
      'proof checked           2.00 ms  ······················██  12D3KooWAAAAaaaaa',
    ],
  },
  {
    what: 'a host that says more than there was time for, in names of its own',
    trace: [
      {
        ...{ name: 'wire', by: ME, at: 0, ms: 24 },
        inside: [
          { name: 'network', by: 'network', at: 0, ms: 0 },
          { name: 'a name\u001b[2J of another version', by: HOST, at: 12, ms: 9000 },
          { name: 'run', by: HOST, at: 9000, ms: 1 },
        ],
      },
    ],
    rows: [
      'on the wire                    24.00 ms  ████████████████████████  12D3KooWAAAAaaaaa',
      '  network                       0.00 ms  █······················█',
      '  a name\\x1b[2J of anoth…    9000.00 ms  ············████████████  12D3KooWBBBBbbbbb',
      '  ran in the VM                 1.00 ms  ·······················█  12D3KooWBBBBbbbbb',
    ],
  },
  {
    what: 'what was sent again',
    trace: [
      { name: 'lost', by: ME, at: 0, ms: 12 },
      { name: 'pause', by: ME, at: 12, ms: 6 },
      { name: 'wire', by: ME, at: 18, ms: 6 },
    ],
    rows: [
      'sent in vain             12.00 ms  ████████████············  12D3KooWAAAAaaaaa',
      'pause before trying       6.00 ms  ············██████······  12D3KooWAAAAaaaaa',
      'on the wire               6.00 ms  ··················██████  12D3KooWAAAAaaaaa',
    ],
  },
]

describe('the timeline of a trace', () => {
  for (const { what, trace, rows } of VECTORS) it(`draws ${what}`, () => assert.deepEqual(drawn(trace), rows))

  it('has colours only where they are wanted', () => {
    const [row] = timeline([{ name: 'run', by: ME, at: 0, ms: 1 }])
    assert(!row!.render(false).includes('\u001b'))
    assert(row!.render(true).includes('\u001b[36m'))
  })

  it('draws a bar of one width for whatever a host says', () => {
    const time = fc.double({ min: 0, max: 86_400_000, noNaN: true })
    const leaf = fc.record({ name: fc.constantFrom('run', 'network', 'x'), by: fc.string(), at: time, ms: time })
    const span = fc.record({ ...{ name: fc.string(), by: fc.string(), at: time, ms: time }, inside: fc.array(leaf) })
    fc.assert(
      fc.property(fc.array(span), (trace) => {
        const all = timeline(trace)
        assert.equal(
          all.length,
          trace.reduce((sum, { inside }) => sum + 1 + inside.length, 0),
        )
        for (const row of all) {
          const bar = row.parts.find(({ styles }) => styles.length > 0)!.text
          assert.equal(bar.length, TIMELINE_COLUMNS)
          assert.match(bar, /^[·█]*█[·█]*$/)
        }
      }),
    )
  })

  it('gives every span a column at least', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ name: 'run', by: ME, at, ms: 1 }))
    for (const bar of bars(many)) assert.match(bar, /^·*█·*$/)
  })
})
