import { EXIT } from '../../daemon/api/codes.ts'
import { readReceipt } from '../read-receipt.ts'
import { serviceName } from '../service-name.ts'
import { staleNote } from '../stale.ts'
import type { Command } from '../types.ts'
import { showVerdict } from '../verdict.ts'

export const verify: Command = {
  name: 'verify',
  summary: 'run a history again and compare, or check a receipt; ends with 1 if anything differs',
  args: [{ name: 'NAME|COMMIT|FILE', help: 'a service, a commit (up to it), or a file with a receipt' }],
  flags: [{ name: 'from', value: 'COMMIT', help: 'only what came after this commit, whose state is taken as it is' }],
  examples: [
    `verify '~k51.../guestbook'`,
    'verify bafy...',
    'verify local.land/_/guestbook --from bafy...',
    'verify receipt.json',
  ],

  async run({ flags, request, words }) {
    const [word = ''] = words
    const from = flags.text('from')
    const receipt = from === undefined ? await readReceipt(word) : undefined
    const params =
      receipt === undefined ? { name: serviceName(word), ...(from === undefined ? {} : { from }) } : { receipt }
    const verified = await request('verify', params, { doing: `verifying ${word}` })
    return {
      value: verified,
      human: showVerdict(verified, word, receipt !== undefined),
      notes: staleNote(verified),
      exit: verified.ok ? EXIT.done : EXIT.failed,
    }
  },
}
