import type { Result } from '../../daemon/api/vocabulary.ts'
import { buildContract, exampleOf, readInit, uploadOf } from '../contract.ts'
import { CliError } from '../errors.ts'
import { serviceName } from '../service-name.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Answer, Command, Context } from '../types.ts'
import { warnings } from './build.ts'

export const publish: Command = {
  name: 'publish',
  summary: 'deploy a contract and publish it under my name',
  args: [
    {
      name: 'DIR',
      optional: true,
      help: 'its folder, the current one if left out; or local.land/_/NAME: what runs here, a fork too',
    },
  ],
  flags: [
    { name: 'as', value: 'NAME', help: "another name than the manifest's" },
    { name: 'version', value: 'V', help: "another version than the manifest's" },
    { name: 'init', value: 'JSON', help: 'what its init function is given' },
    { name: 'force', help: 'replace a running one even if that breaks its callers; its history says so' },
  ],
  examples: ['publish', 'publish hello', 'publish hello --version 1.3.0', 'publish local.land/_/forum-fork'],

  async run(context) {
    const [word = ''] = context.words
    return word.startsWith('local.land/') ? publishRunning(context, serviceName(word)) : publishFolder(context)
  },
}

async function publishFolder(context: Context): Promise<Answer> {
  const as = context.flags.text('as')
  const made = await buildContract(context, context.words[0])
  const init = await readInit(context, made)
  const published = await context.request(
    'publish',
    {
      contract: uploadOf(made),
      ...(as === undefined ? {} : { as }),
      ...versionIn(context),
      ...init,
      ...(context.flags.has('force') ? { force: true } : {}),
    },
    { doing: 'publishing' },
  )
  return shown(published, [
    ...warnings([...made.built.warnings, ...published.warnings]),
    ...(await exampleOf(published.name, made.built.interface)),
  ])
}

/** What runs is published as it is: nothing is compiled, made or changed. */
async function publishRunning(context: Context, name: string): Promise<Answer> {
  const other = ['as', 'init', 'force'].find((flag) => context.flags.has(flag))
  if (other !== undefined)
    throw new CliError(
      'USAGE',
      `--${other} is for a folder, and ${name} runs already.`,
      'leave it out, or name a folder',
    )
  const published = await context.request('publish', { contract: name, ...versionIn(context) }, { doing: 'publishing' })
  return shown(published, warnings(published.warnings))
}

function versionIn({ flags }: Context): { version?: string } {
  const version = flags.text('version')
  return version === undefined ? {} : { version }
}

const shown = (published: Result<'publish'>, notes: readonly Text[]): Answer => ({
  value: published,
  human: [
    say`Published ${styled('bold', published.name)} ${published.version}`,
    ...table([
      ['  service', published.service],
      ['  page', styled('cyan', published.url)],
      ['  seen by', `${published.seenBy} ${published.seenBy === 1 ? 'node' : 'nodes'}`],
    ]),
  ],
  notes: [...notes],
})
