import { buildContract, uploadOf } from '../contract.ts'
import { bytes } from '../format.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const push: Command = {
  name: 'push',
  summary: 'store a contract on my node and offer it to the network',
  args: [{ name: 'DIR', optional: true, help: 'its folder; the current one if left out' }],
  flags: [],
  examples: ['push', 'push hello'],

  async run(context) {
    const made = await buildContract(context, context.words[0])
    const pushed = await context.request('push', { contract: uploadOf(made) }, { doing: 'storing the contract' })
    return {
      value: pushed,
      human: [say`Stored ${pushed.contract}, ${bytes(pushed.size)} in ${pushed.blocks} blocks`],
      notes: [...warnings(made.built.warnings), say`Next, on any node: amigo pull ${pushed.contract}`],
    }
  },
}
