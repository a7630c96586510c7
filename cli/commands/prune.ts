import { MAX_CHECKPOINTS } from '../../daemon/api/constants.ts'
import type { Params } from '../../daemon/api/vocabulary.ts'
import { USUAL_CHECKPOINTS } from '../constants.ts'
import { CliError } from '../errors.ts'
import { bytes, counted } from '../format.ts'
import { readCount } from '../read-count.ts'
import { serviceName } from '../service-name.ts'
import { say, styled, table } from '../text.ts'
import type { Command, Flags } from '../types.ts'
import { warnings } from './build.ts'

export const prune: Command = {
  name: 'prune',
  summary: 'drop old history from this node; nothing that a fork or a rollback needs',
  args: [{ name: 'NAME', help: 'the service' }],
  flags: [
    {
      name: 'keep',
      value: 'N',
      help: `what came since the last N checkpoints; ${USUAL_CHECKPOINTS} if nothing is said`,
    },
    { name: 'since', value: 'TIME', help: 'what came since then, like 2026-01-31 or 2026-01-31T12:00:00Z' },
    { name: 'all', help: 'keep everything: drops nothing' },
  ],
  examples: ['prune local.land/_/guestbook', 'prune local.land/_/guestbook --since 2026-01-31'],

  async run({ flags, request, words }) {
    const name = serviceName(words[0])
    const pruned = await request('prune', { name, keep: policyOf(flags) }, { doing: `pruning ${name}` })
    return {
      value: pruned,
      human: [
        pruned.commits === 0 && pruned.blocks === 0
          ? say`Nothing to drop of ${styled('bold', name)}`
          : say`Dropped ${counted(pruned.commits, 'commit')} of ${styled('bold', name)}, ${bytes(pruned.freed)} in ${counted(pruned.blocks, 'block')}`,
        ...table([
          ['  service', pruned.service],
          ['  oldest', `${pruned.base}, seq ${pruned.seq}`],
        ]),
      ],
      notes: warnings(pruned.warnings),
    }
  },
}

function policyOf(flags: Flags): Params<'prune'>['keep'] {
  const given = ['keep', 'since', 'all'].filter((flag) => flags.has(flag))
  if (given.length > 1)
    throw new CliError('USAGE', `--${given.join(' and --')} say different things.`, 'say one of them')
  if (flags.has('all')) return 'all'
  const since = flags.text('since')
  if (since !== undefined) return { since: readTime(since) }
  const hint = 'say it like --keep 10, or --since 2026-01-31'
  return { checkpoints: readCount(flags, 'keep', MAX_CHECKPOINTS, hint) ?? USUAL_CHECKPOINTS }
}

/** A day, or a time with or without its zone; a time without one is meant as the clock on the wall shows it. */
function readTime(word: string): string {
  const ms = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$/.test(word) ? Date.parse(word) : Number.NaN
  if (Number.isNaN(ms))
    throw new CliError('USAGE', `--since ${word} is no time.`, 'say it like 2026-01-31 or 2026-01-31T12:00:00Z')
  return new Date(ms).toISOString()
}
