import { EXIT } from '../../daemon/api/codes.ts'
import { MAX_PINGS } from '../../daemon/api/constants.ts'
import { readCount } from '../read-count.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'
import { usageOf } from '../usage.ts'

export const ping: Command = {
  name: 'ping',
  summary: 'measure how long a node takes to answer',
  args: [{ name: 'NAME', help: 'a peer ID, a user, or a service: then its host' }],
  flags: [{ name: 'count', value: 'N', help: 'how often, one after the other; 5 unless given' }],
  examples: ['ping 12D3KooW...', `ping '~k51.../guestbook' --count 20`],

  async run({ flags, request, words }) {
    const [name = ''] = words
    const count = readCount(flags, 'count', MAX_PINGS, `usage: ${usageOf(ping)}`)
    const found = await request('ping', { name, ...(count === undefined ? {} : { count }) }, { doing: 'pinging' })
    const { peerId, sent, lost, min, avg, max } = found
    const times = min === null ? [] : [say`${min} ms at least, ${avg ?? '-'} ms on average, ${max ?? '-'} ms at most`]
    const human = [say`${peerId} answered ${sent - lost} of ${sent}`, ...times]
    return { value: found, human, ...(lost === sent ? { exit: EXIT.timedOut } : {}) }
  },
}
