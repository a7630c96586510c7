import type { PeerSummary } from '../../daemon/api/vocabulary.ts'
import { ago, bytes, grouped } from '../format.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'

const TITLES = [
  'peer',
  'agent',
  'direction',
  'round trip',
  'sent',
  'received',
  'open',
  'offences',
  'connected',
  'address',
]

export const peers: Command = {
  name: 'peers',
  summary: 'list the nodes mine is connected to, and what passes between them',
  args: [],
  flags: [],
  examples: ['peers', 'peers --json'],

  async run({ request }) {
    const found = await request('peers', {})
    const now = Date.now()
    const head = TITLES.map((title) => styled('bold', title))
    const rows = found.peers.map((peer) => [
      peer.peerId,
      peer.agent ?? '-',
      `${peer.direction}${peer.relayed ? ', relayed' : ''}`,
      peer.roundTripMs === null ? '-' : `${peer.roundTripMs} ms`,
      passed(peer.sent),
      passed(peer.received),
      peer.inFlight,
      peer.offences,
      ago(peer.connectedAt, now),
      peer.addresses[0] ?? '-',
    ])
    const alone = [say`No peers`]
    const notes = [say`Join others with amigo connect ADDR; it stands on the page of their node`]
    return rows.length === 0 ? { value: found, human: alone, notes } : { value: found, human: table([head, ...rows]) }
  },
}

/** Frames and bytes of the conversation: `1,234, 3.4 kB`. */
const passed = ({ frames, bytes: size }: PeerSummary['sent']): string => `${grouped(frames)}, ${bytes(size)}`
