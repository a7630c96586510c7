/** Each operation on a small memory, beside the bare database doing as much, and on the largest, beside the small. */
import { randomBytes } from 'node:crypto'
import { copyBlocks, createWorkspace, newService } from '../../store/kit.ts'
import type { Row } from '../kit/report.ts'
import { createMemory } from './memory.ts'

const COMMITS = 640
const LOGGED = 200
const SMALL = 27
const LARGE = 1024
const MIB = 1 << 20

type Measured = Record<'create' | 'append' | 'image' | 'log' | 'adopt', number>

export async function histories(): Promise<Row[]> {
  const small = await measure(SMALL)
  const large = await measure(LARGE)
  const bare: [keyof Measured, string][] = [
    ['create', 'bare synced write of the memory'],
    ['append', 'bare synced write of 3 KB'],
    ['image', 'bare synced write of the memory'],
    ['log', 'bare synced write of 3 KB'],
    ['adopt', 'bare synced write of 3 KB'],
  ]
  return [
    ...bare.map(([name, peer]): Row => {
      const peerValue = peer.endsWith('memory') ? small.writes.memory : small.writes.commit
      return { name: `${name}-1.7mb`, value: small[name], unit: 'ms', peer, peerValue }
    }),
    ...bare.map(([name]): Row => {
      return { name: `${name}-64mb`, value: large[name], unit: 'ms', peer: `${name}-1.7mb`, peerValue: small[name] }
    }),
  ]
}

async function measure(pages: number): Promise<Measured & { writes: { memory: number; commit: number } }> {
  const workspace = await createWorkspace()
  try {
    const { image, next } = createMemory(pages)
    const commits = Array.from({ length: COMMITS }, next)
    const history = await workspace.history()
    const { database } = history
    const [created, head] = await timed(() => history.create(newService(image)))
    const [appended] = await timed(async () => {
      for (const commit of commits) await history.append(head.service, commit)
    })
    await history.idle()
    const [opened] = await timed(() => history.image(head.service))
    const [logged] = await timed(async () => {
      for await (const _ of history.log(head.service, { limit: LOGGED }));
    })
    const other = await workspace.history({ name: 'other' })
    await copyBlocks(database, other.database)
    const { commit } = (await history.head(head.service))!
    const [adopted] = await timed(() => other.adopt(head.service, commit))

    const write = (bytes: number, n: number) =>
      timed(() => database.commit([{ put: 'meta', key: `bench/${n}`, value: randomBytes(bytes) }]))
    const [memory] = await write(Math.min(image.memory.length, 2 * MIB), 0)
    let commitMs = 0
    for (let n = 1; n <= 100; n++) commitMs += (await write(3000, n))[0] / 100
    return {
      ...{ create: created, append: appended / COMMITS, image: opened, log: logged / LOGGED, adopt: adopted / COMMITS },
      writes: { memory, commit: commitMs },
    }
  } finally {
    await workspace.remove()
  }
}

/** In milliseconds. */
async function timed<T>(run: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const result = await run()
  return [performance.now() - start, result]
}
