import { say } from '../text.ts'
import type { Command } from '../types.ts'
import { waitUntilGone } from '../wait-until-gone.ts'

/** How long a node may take to stop when nothing was said, in milliseconds. */
const USUAL_MS = 30_000

export const down: Command = {
  name: 'down',
  summary: 'stop my node cleanly, and wait until it is gone',
  args: [],
  flags: [],
  examples: ['down', 'down --timeout 5s'],

  async run({ request, settings, signal, terminal }) {
    const timeoutMs = settings.timeoutMs ?? USUAL_MS
    const { pid } = await request('status', {})
    try {
      await request('down', {}, { doing: 'stopping the node' })
    } catch (error) {
      // gone before it could say so
      if ((error as { code?: string }).code !== 'DAEMON_LOST') throw error
    }
    const done = terminal.wait(say`stopping the node`)
    await waitUntilGone(pid, { timeoutMs, signal }).finally(done)
    return { value: { stopped: true }, human: [say`Stopped`] }
  },
}
