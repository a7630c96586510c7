/** Uses a state that is opened for one question and closed after it. */
import { randomBytes } from 'node:crypto'
import type { Origin, Vm } from '../../vm/types.ts'
import { reopening } from './reopening.ts'

/** Opened again if another service costs it its place between opening and asking. */
export function openedFor<T>(vm: Vm, name: string, origin: Origin, ask: (key: string) => Promise<T>): Promise<T> {
  return reopening(async () => {
    const key = `${name}/${randomBytes(8).toString('hex')}`
    await vm.open(key, origin)
    try {
      return await ask(key)
    } finally {
      await vm.close(key)
    }
  })
}
