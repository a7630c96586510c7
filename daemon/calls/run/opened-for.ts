/** Uses a state that is opened for one question and closed after it. */
import { randomBytes } from 'node:crypto'
import type { Origin, Vm } from '../../vm/types.ts'
import { MAX_REOPENINGS } from '../constants.ts'

/** Another service may cost it its place between opening and asking: then nothing was begun, and it is opened again. */
export async function openedFor<T>(vm: Vm, name: string, origin: Origin, ask: (key: string) => Promise<T>): Promise<T> {
  for (let left = MAX_REOPENINGS; ; left--) {
    const key = `${name}/${randomBytes(8).toString('hex')}`
    await vm.open(key, origin)
    try {
      return await ask(key)
    } catch (error) {
      if ((error as { code?: string }).code !== 'NOT_OPEN' || left === 0) throw error
    } finally {
      await vm.close(key)
    }
  }
}
