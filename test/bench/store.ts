/** What the store costs, for specs/history.md: `node test/bench/store.ts`. Takes about 20 s. */
import { randomFillSync } from 'node:crypto'
import { WASM_PAGE } from '../../daemon/vm/constants.ts'
import { applyDeltaTo } from '../../daemon/vm/image.ts'
import { createMerkleTree } from '../../daemon/vm/merkle.ts'
import type { Delta, Image } from '../../daemon/vm/types.ts'
import { CONTRACT, callRecord, copyBlocks, createWorkspace, ENGINE, newService } from '../store/kit.ts'

const LINES = 18 // a transfer: 4.6 KB
const COMMITS = 640

const time = async <T>(what: string, run: () => Promise<T>, per = 1): Promise<T> => {
  const start = performance.now()
  const result = await run()
  console.log(`  ${what}: ${((performance.now() - start) / per).toFixed(3)} ms`)
  return result
}

const deltaOf = (image: Image, step: number): Delta => {
  const picked = new Set(Array.from({ length: LINES }, (_, i) => (i % 6) * 160 + ((step * 7 + i * 13) % 400)))
  const lines = Uint32Array.from(picked).sort()
  const bytes = Uint8Array.from({ length: lines.length * 256 }, (_, i) => (i % 5 === 0 ? (step + i) % 251 : 0))
  return { lines, bytes, pages: image.pages, globals: image.globals }
}

for (const pages of [27, 1024]) {
  const workspace = await createWorkspace()
  try {
    console.log(`${(pages * WASM_PAGE) / (1 << 20)} MiB of memory`)
    const history = await workspace.history()
    let image: Image = { memory: new Uint8Array(pages * WASM_PAGE), pages, globals: [1], anchors: [2] }
    for (let at = 0; at < image.memory.length; at += 65_536) randomFillSync(image.memory, at, 40_000)
    const service = newService(image)
    const tree = createMerkleTree()
    tree.update(image.memory, [])
    const head = await time('create', () => history.create(service))
    const commits = Array.from({ length: COMMITS }, (_, i) => {
      const delta = deltaOf(image, i)
      image = applyDeltaTo(image, delta)
      tree.update(image.memory, [...new Set(Array.from(delta.lines, (line) => line >> 4))])
      return { contract: CONTRACT, engine: ENGINE, time: 1, calls: [callRecord(1, 400)], delta, root: tree.root(image) }
    })
    await time(
      `append, each of ${COMMITS}, checkpoints beside`,
      async () => {
        for (const commit of commits) await history.append(head.service, commit)
      },
      COMMITS,
    )
    await history.idle()
    await time('image at the head', () => history.image(head.service))
    const { commit } = (await history.head(head.service))!
    await time(
      'log, each of 200',
      async () => {
        for await (const _ of history.log(head.service, { limit: 200 }));
      },
      200,
    )
    const other = await workspace.history({ name: 'other' })
    await copyBlocks(history.database, other.database)
    await time(`adopt, each of ${COMMITS}`, () => other.adopt(head.service, commit), COMMITS)
  } finally {
    await workspace.remove()
  }
}
