import type { Result } from '../../daemon/api/vocabulary.ts'
import { buildContract, uploadOf } from '../contract.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const upgrade: Command = {
  name: 'upgrade',
  summary: 'give a service new code and keep its state, tried on a copy first',
  args: [
    { name: 'NAME', help: 'the service, on my node' },
    { name: 'DIR', optional: true, help: 'the folder of its new contract; the current one if left out' },
  ],
  flags: [
    { name: 'dry-run', help: 'only try it on a copy, and say what would break' },
    { name: 'force', help: 'even if it breaks callers; its history says so' },
  ],
  examples: ['upgrade local.land/_/guestbook', 'upgrade local.land/_/guestbook guestbook --dry-run'],

  async run(context) {
    const { flags, request, words } = context
    const name = serviceName(words[0])
    const made = await buildContract(context, words[1])
    const params = {
      name,
      contract: uploadOf(made),
      ...(flags.has('dry-run') ? { dryRun: true } : {}),
      ...(flags.has('force') ? { force: true } : {}),
    }
    const done = await request('upgrade', params, { doing: `upgrading ${name}` })
    return {
      value: { ...done, warnings: [...made.built.warnings, ...done.warnings] },
      human: [headline(name, done), ...about(done), ...breaks(done)],
      notes: [...warnings([...made.built.warnings, ...done.warnings]), ...next(name, words[1], done)],
    }
  },
}

type Upgraded = Result<'upgrade'>

function headline(name: string, { from, to, commit, breaks: broken }: Upgraded): Text {
  if (from === to) return say`Nothing to upgrade in ${styled('bold', name)}`
  if (commit !== null) return say`Upgraded ${styled('bold', name)}`
  return broken.length === 0
    ? say`${styled('green', 'It would work:')} the state of ${styled('bold', name)} goes over, and no caller is broken`
    : say`${styled('yellow', 'It would break callers')} of ${styled('bold', name)}`
}

function about({ service, from, to, commit }: Upgraded): Text[] {
  return table([
    ['  service', service],
    ['  from', from],
    ['  to', to],
    ...(commit === null ? [] : [['  commit', commit]]),
  ])
}

function breaks({ breaks: broken }: Upgraded): Text[] {
  return broken.length === 0
    ? []
    : [say`  ${styled('red', 'breaks')}`, ...broken.map((one) => say`    ${styled('red', '-')} ${one}`)]
}

function next(name: string, dir: string | undefined, { commit, from, to, breaks: broken }: Upgraded): Text[] {
  if (from === to) return []
  const line = ['amigo upgrade', shellWord(name), ...(dir === undefined ? [] : [shellWord(dir)])].join(' ')
  if (commit !== null)
    return [say`See it: amigo log ${shellWord(name)} --limit 3; go back with amigo rollback ${shellWord(name)} COMMIT`]
  if (broken.length === 0) return [say`Next: ${line}`]
  return [
    say`Keep what callers rely on, or give amigo.yaml a new major version; who wants it all the same: ${line} --force`,
    say`Callers of the old one find it by its contract, ${from}`,
  ]
}
