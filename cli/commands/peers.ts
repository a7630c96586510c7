import { ago } from '../format.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'

export const peers: Command = {
  name: 'peers',
  summary: 'list the nodes mine is connected to',
  args: [],
  flags: [],
  examples: ['peers', 'peers --json'],

  async run({ request }) {
    const found = await request('peers', {})
    const now = Date.now()
    const head = ['peer', 'direction', 'connected', 'address'].map((title) => styled('bold', title))
    const rows = found.peers.map((peer) => [
      peer.peerId,
      peer.direction,
      ago(peer.connectedAt, now),
      peer.addresses[0] ?? '-',
    ])
    const alone = [say`No peers`]
    const notes = [say`Join others with amigo connect ADDR; it stands on the page of their node`]
    return rows.length === 0 ? { value: found, human: alone, notes } : { value: found, human: table([head, ...rows]) }
  },
}
