/** A durable state that is asked while a call has the service to itself: opened once for all who ask at the time, closed behind the last of them. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { reopening } from './reopening.ts'

export interface BesideParts {
  vm: Pick<Vm, 'open' | 'close'>
  history: Pick<History, 'image'>
}

/** @param ask uses what is open under the key, and changes nothing */
export type Beside = <T>(service: CID, commit: CID, ask: (key: string) => Promise<T>) => Promise<T>

interface Shared {
  key: string
  users: number
  ready: Promise<void>
}

export function createBeside({ vm, history }: BesideParts): Beside {
  const shared = new Map<string, Shared>()

  const begin = (name: string, service: CID, commit: CID): Shared => {
    const key = `${name}/${randomBytes(8).toString('hex')}`
    const ready = history.image(service, commit).then((origin) => vm.open(key, origin))
    const one = { key, users: 0, ready }
    shared.set(name, one)
    return one
  }
  const forget = (name: string, one: Shared): void => {
    if (shared.get(name) === one) shared.delete(name)
  }

  return (service, commit, ask) => {
    const name = `beside/${commit}`
    return reopening(async () => {
      const one = shared.get(name) ?? begin(name, service, commit)
      one.users++
      try {
        await one.ready
        return await ask(one.key)
      } catch (error) {
        forget(name, one)
        throw error
      } finally {
        if (--one.users === 0) {
          forget(name, one)
          await vm.close(one.key)
        }
      }
    })
  }
}
