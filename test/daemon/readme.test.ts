/** The README's session, run word for word against real nodes: only the names that a reader has to fill in are filled in. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the README', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let mine: RunningNode
  let friend: RunningNode

  before(async () => {
    folder = await tempFolder()
    mine = await startNode(join(folder.path, 'mine'))
    friend = await startNode(join(folder.path, 'friend'))
  })
  after(async () => {
    await Promise.all([mine?.kill(), friend?.kill()])
    await folder.remove()
  })

  /** Runs one line in a shell, with `npx amigo` standing for this checkout's command. */
  const shell = async (line: string, home: string): Promise<string> => {
    const command = line.replace(/^npx amigo/, `'${process.execPath}' '${join(ROOT, 'cli/amigo.mjs')}'`)
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: folder.path,
      env: { ...process.env, AMIGO_HOME: home, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    const [code] = await once(child, 'close')
    assert.equal(code, 0, `${line}\n${output}`)
    return output
  }

  it('works word for word', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8')
    const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!.trim().split('\n'))
    const amigo = blocks.filter((lines) => lines.every((line) => line.startsWith('npx amigo ')))
    const [make, use, share] = amigo
    assert.equal(amigo.length, 3, 'make it, use it, share it')

    const said: string[] = []
    for (const line of make!) said.push(await shell(line, mine.info.home))
    const name = said.at(-1)!.match(/~k51\w+\/hello/)![0]
    const answers: string[] = []
    for (const line of use!) answers.push(await shell(line, mine.info.home))
    assert.deepEqual(
      answers.map((answer) => answer.split('\n')[0]),
      ['1', '6', '6'],
    )

    const user = name.slice(1, name.indexOf('/'))
    for (const line of share!) {
      const filled = line.replace(/\/ip4\/\S+/, mine.info.addresses[0]!).replaceAll('~k51...', `~${user}`)
      if (filled.includes(' call '))
        await until(
          () => friend.try('resolve', name),
          ({ code }) => code === 0,
        )
      await shell(filled, friend.info.home)
    }
    assert.match(await readFile(join(folder.path, 'hello-copy/amigo.yaml'), 'utf8'), /name: hello/)
    assert.match(await shell('npx amigo inbox', mine.info.home), /hello from here/)
  })

  it('shows the code that init writes', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8')
    const [, shown] = text.match(/^```ts\n([\s\S]*?)^```/m)!
    const written = await readFile(join(ROOT, 'examples/counter/counter.ts'), 'utf8')
    const code = shown!.split('\n').filter((line) => line !== '' && !line.trimStart().startsWith('/**'))
    assert.deepEqual(
      code.filter((line) => !written.includes(line)),
      [],
    )
  })
})
