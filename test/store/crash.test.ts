import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Image } from '../../daemon/vm/types.ts'
import { applyDelta } from '../support/image.ts'
import type { Workspace } from './kit.ts'
import { collect, createDelta, createImage, createWorkspace, sameImage } from './kit.ts'

const KILLS = 5

describe('store: crash', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  /** Kills the child after so many acknowledged commits and a random part of the next. Returns the last it acknowledged. */
  const runAndKill = async (commits: number, keyFile: string): Promise<number> => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'crash-child.ts'), join(workspace.path, 'db'), keyFile],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const exited = once(child, 'exit')
    let last = -1
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      last = Number(line)
      if (++seen === commits) setTimeout(() => child.kill('SIGKILL'), Math.random() * 3)
    }
    const [, signal] = await exited
    assert.equal(signal, 'SIGKILL')
    return last
  }

  it('loses no acknowledged commit when the process is killed', async () => {
    const keyFile = join(workspace.path, 'key')
    await writeFile(keyFile, privateKeyToProtobuf(await generateKeyPair('Ed25519')))
    let image: Image = createImage()
    let seq = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await runAndKill(5 + Math.floor(Math.random() * 40), keyFile)
      const history = await workspace.history()
      const [head] = await collect(history.heads())
      assert(head!.seq === acknowledged || head!.seq === acknowledged + 1, `${head!.seq} after ${acknowledged}`)
      while (seq < head!.seq) image = applyDelta(image, createDelta(++seq))
      sameImage((await history.image(head!.service)).image, image)
      assert.equal((await collect(history.log(head!.service, { limit: 5 })))[0]!.seq, head!.seq)
      await history.database.close()
    }
  })
})
