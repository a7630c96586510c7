import { createInterface } from 'node:readline/promises'
import { CliError } from '../errors.ts'
import { bytes } from '../format.ts'
import { serviceName } from '../service-name.ts'
import { say, styled } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const remove: Command = {
  name: 'remove',
  aliases: ['retire'],
  summary: 'end a service on my node; its versions stay known',
  args: [{ name: 'NAME', help: 'the service, on my node; NAME@v1 for an older major version' }],
  flags: [{ name: 'yes', help: 'do not ask first' }],
  examples: ['remove local.land/_/forum@v1', 'remove local.land/_/forum --yes'],

  async run({ flags, request, settings, signal, words }) {
    const name = serviceName(words[0])
    if (!flags.has('yes')) await confirm(name, settings.json, signal)
    const done = await request('remove', { name }, { doing: `removing ${name}` })
    return {
      value: done,
      human: [say`Removed ${styled('bold', done.name)}, and ${bytes(done.freed)} of its history`],
      notes: warnings(done.warnings),
    }
  },
}

/** @throws CliError USAGE if nobody can be asked, INTERRUPTED if the answer is not yes */
async function confirm(name: string, json: boolean, signal: AbortSignal): Promise<void> {
  const { stdin, stderr } = process
  if (json || !stdin.isTTY || !stderr.isTTY)
    throw new CliError('USAGE', `Nobody is here to be asked whether ${name} is to go.`, 'say --yes')
  const asking = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await asking.question(`End ${name} on this node, for everybody who uses it? [y/N] `, { signal })
    if (/^y(es)?$/i.test(answer.trim())) return
    throw new CliError('INTERRUPTED', `${name} stays as it is.`, 'nothing was changed')
  } finally {
    asking.close()
  }
}
