import { VERSION } from '../../daemon/version.ts'
import { STATUS_MS } from '../constants.ts'
import { showRelease } from '../release.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const version: Command = {
  name: 'version',
  summary: 'show the versions of amigo and of what it runs on, and the newest that the hub told of',
  args: [],
  flags: [],
  examples: ['version', 'version --json'],

  async run({ request, settings }) {
    // whether or not a node runs
    const known = await request('release', {}, { timeoutMs: settings.timeoutMs ?? STATUS_MS }).catch(() => undefined)
    const value = {
      version: VERSION,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      newest: known?.newest ?? null,
    }
    const notes = known?.newest?.isNewer ? showRelease(known) : []
    return { value, human: [say`amigo ${value.version}, node ${value.node}, ${value.platform}`], notes }
  },
}
