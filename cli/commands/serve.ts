import { buildContract, exampleOf, readInit, uploadOf } from '../contract.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const serve: Command = {
  name: 'serve',
  aliases: ['run', 'deploy'],
  summary: 'deploy a contract on my node',
  args: [{ name: 'DIR', optional: true, help: 'its folder; the current one if left out' }],
  flags: [
    { name: 'as', value: 'NAME', help: "another name than the manifest's" },
    { name: 'init', value: 'JSON', help: 'what its init function is given' },
    { name: 'force', help: 'replace a running one even if that breaks its callers; its history says so' },
  ],
  examples: ['serve', 'serve hello --as greeter', `serve board --init '{"title": "Hello"}'`],

  async run(context) {
    const as = context.flags.text('as')
    const made = await buildContract(context, context.words[0])
    const init = await readInit(context, made)
    const force = context.flags.has('force') ? { force: true } : {}
    const params = { contract: uploadOf(made), ...(as === undefined ? {} : { as }), ...init, ...force }
    const served = await context.request('serve', params, { doing: 'deploying' })
    return {
      value: served,
      human: [
        say`${served.upgraded ? 'Upgraded' : 'Serving'} ${styled('bold', served.name)}`,
        ...table([
          ['  service', served.service],
          ['  page', styled('cyan', served.url)],
        ]),
      ],
      notes: [
        ...warnings([...made.built.warnings, ...served.warnings]),
        ...(await exampleOf(served.name, made.built.interface)),
      ],
    }
  },
}
