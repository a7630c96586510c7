import { buildContract, exampleOf, readInit, uploadOf } from '../contract.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const publish: Command = {
  name: 'publish',
  summary: 'deploy a contract and publish it under my name',
  args: [{ name: 'DIR', optional: true, help: 'its folder; the current one if left out' }],
  flags: [
    { name: 'as', value: 'NAME', help: "another name than the manifest's" },
    { name: 'version', value: 'V', help: "another version than the manifest's" },
    { name: 'init', value: 'JSON', help: 'what its init function is given' },
    { name: 'force', help: 'replace a running one even if that breaks its callers; its history says so' },
  ],
  examples: ['publish', 'publish hello', 'publish hello --version 1.3.0'],

  async run(context) {
    const as = context.flags.text('as')
    const version = context.flags.text('version')
    const made = await buildContract(context, context.words[0])
    const init = await readInit(context, made)
    const params = {
      contract: uploadOf(made),
      ...(as === undefined ? {} : { as }),
      ...(version === undefined ? {} : { version }),
      ...init,
      ...(context.flags.has('force') ? { force: true } : {}),
    }
    const published = await context.request('publish', params, { doing: 'publishing' })
    return {
      value: published,
      human: [
        say`Published ${styled('bold', published.name)} ${published.version}`,
        ...table([
          ['  service', published.service],
          ['  page', styled('cyan', published.url)],
          ['  seen by', `${published.seenBy} ${published.seenBy === 1 ? 'node' : 'nodes'}`],
        ]),
      ],
      notes: [
        ...warnings([...made.built.warnings, ...published.warnings]),
        ...(await exampleOf(published.name, made.built.interface)),
      ],
    }
  },
}
