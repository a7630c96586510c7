import type { Box, QuickJsValues } from './quickjs-values.ts'

/** Promises that were rejected and that nobody has taken notice of so far, within one call. */
export interface Rejections {
  /** Takes the boxes of a promise and its reason, when it is rejected without a handler, or gets its first one after that. */
  saw(promise: Box, reason: Box, isHandled: boolean): void
  isEmpty(): boolean
  /** Asks about the reasons that are left, in the order of the rejections, until there is an answer; then forgets all of them. `look` drops its box. */
  settle<T>(look: (reason: Box) => T | undefined): T | undefined
  /** Forgets all of a call that was put back, and what its boxes held with it. */
  begin(): void
}

/**
 * Each is held until it is dropped, so that no other promise can have its address meanwhile.
 *
 * @param keeps whether rejections matter at this time; where not, they are not held
 */
export function createRejections(values: QuickJsValues, keeps: () => boolean): Rejections {
  const held = new Map<number, [promise: Box, reason: Box]>()
  return {
    saw(promise, reason, isHandled) {
      const address = values.addressOf(promise)
      const known = held.get(address)
      if (!isHandled && !known && keeps()) {
        held.set(address, [promise, reason])
        return
      }
      values.drop(promise, reason)
      if (!known || !isHandled) return
      held.delete(address)
      values.drop(...known)
    },
    isEmpty: () => held.size === 0,
    settle(look) {
      let found: ReturnType<typeof look>
      for (const [promise, reason] of held.values()) {
        if (found === undefined) found = look(reason)
        else values.drop(reason)
        values.drop(promise)
      }
      held.clear()
      return found
    },
    begin: () => held.clear(),
  }
}
