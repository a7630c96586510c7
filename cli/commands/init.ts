import { shellWord } from '../shell-word.ts'
import { say, type Text } from '../text.ts'
import type { Command } from '../types.ts'

export const init: Command = {
  name: 'init',
  summary: 'make a folder with a new contract',
  args: [{ name: 'DIR', help: 'the folder to make' }],
  flags: [{ name: 'template', value: 'NAME', help: 'what to begin with' }],
  examples: ['init hello', 'init board --template guestbook'],

  async run({ words, flags }) {
    const dir = words[0] ?? '.'
    const template = flags.text('template')
    const { initContract } = await import('../../daemon/contract/init.ts')
    const made = await initContract(dir, template === undefined ? {} : { template })
    const files: Text[] = made.files.map((file: string) => say`  ${file}`)
    return {
      value: made,
      human: [say`Made ${made.dir}`, ...files],
      notes: [say`Next: look into ${made.main}, then amigo publish ${shellWord(dir)}`],
    }
  },
}
