/** `amigo import NAME --types FILE`: the types of a service, for a program that is no contract. Nothing else is written. */

import { CliError } from './errors.ts'
import { fetchNewest, type Wish } from './import-choice.ts'
import { prepareFile } from './new-file.ts'
import { say, styled, type Text, table } from './text.ts'
import type { Answer, Context } from './types.ts'

/** What declares without running, so that it lies beside a program without being a part of it. */
const DECLARATIONS = '.d.ts'

export async function importTypes(context: Context, wish: Wish | undefined, file: string): Promise<Answer> {
  if (wish === undefined || context.words.length > 1 || wish.mode !== undefined || context.flags.has('update'))
    throw new CliError('USAGE', '--types is for one service, and stands alone.', 'amigo import NAME --types forum.d.ts')
  if (!file.endsWith(DECLARATIONS))
    throw new CliError('USAGE', `${file} does not end in ${DECLARATIONS}.`, 'name it like forum.d.ts')
  const { isRange } = await import('../daemon/contract/import-names.ts')
  const { name, range = '*' } = wish
  if (!isRange(range)) throw new CliError('USAGE', `${range} is no range of versions.`, 'like ^1.2, ~1.2.3 or *')
  const target = await prepareFile(file)
  try {
    const { fetched, warnings } = await fetchNewest(context, {}, name, { range, mode: 'live' })
    const { makeImportFiles } = await import('../daemon/contract/linking/import-files.ts')
    const { files, types } = await makeImportFiles([fetched])
    const written = files.find(({ path }) => path === types[fetched.name])!
    await target.write(new TextDecoder().decode(written.content))
    const { name: found, version, contract, service = null } = fetched
    return {
      value: { name: found, version, contract, service, types: file, warnings },
      human: [
        say`Wrote the types of ${styled('bold', found)} ${version}`,
        ...table([
          ['  contract', contract],
          ['  types', file],
        ]),
      ],
      notes: next(found, file),
    }
  } finally {
    await target.discard()
  }
}

function next(name: string, file: string): Text[] {
  const from = `./${file.split(/[/\\]/).at(-1)!}`
  return [
    say`Next: import type * as Service from '${from}', and amigo.import<typeof Service>('${name}') of amigos/client`,
  ]
}
