import { VERSION } from '../../daemon/version.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const version: Command = {
  name: 'version',
  summary: 'show the versions of amigo and of what it runs on',
  args: [],
  flags: [],
  examples: ['version', 'version --json'],

  async run() {
    const value = {
      version: VERSION,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    }
    return { value, human: [say`amigo ${value.version}, node ${value.node}, ${value.platform}`] }
  },
}
