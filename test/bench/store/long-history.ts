/** A service with very many commits opens, after a restart, as fast as one with few. */
import { createHistory } from '../../../daemon/store/history.ts'
import { createWorkspace, newService, verify } from '../../store/kit.ts'
import { median } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'
import { createMemory } from './memory.ts'

const FEW = 100
const MANY = 100_000
const PAGES = 27
const TIMES = 15

export async function longHistory(): Promise<Row> {
  const workspace = await createWorkspace()
  try {
    const history = await workspace.history()
    const open = async (): Promise<number> => {
      await history.idle()
      const taken: number[] = []
      for (let i = 0; i < TIMES; i++) {
        const { database, signer } = history
        const start = performance.now()
        await createHistory({ database, signer, verify }).image(service)
        taken.push(performance.now() - start)
      }
      return median(taken)
    }
    const { image, next } = createMemory(PAGES)
    const { service } = await history.create(newService(image))
    const appendTo = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await history.append(service, next())
    }
    await appendTo(FEW)
    const few = await open()
    await appendTo(MANY - FEW)
    const many = await open()
    return { name: 'open-after-100000-commits', value: many, unit: 'ms', peer: 'after 100 commits', peerValue: few }
  } finally {
    await workspace.remove()
  }
}
