import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const connect: Command = {
  name: 'connect',
  summary: 'connect to a node',
  args: [{ name: 'ADDR', help: 'its address, ending in /p2p/PEERID' }],
  flags: [],
  examples: ['connect /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW...'],

  async run({ request, words }) {
    const [address = ''] = words
    const found = await request('connect', { address }, { doing: 'connecting' })
    return { value: found, human: [say`Connected to ${found.peerId} in ${found.ms} ms`] }
  },
}
