/** Begins work that may go on side by side, but for what is done with one and the same thing: that stays in its order. */

export interface Ordered<T> {
  /** what it is done with */
  with: string
  /** it changes nothing: those before and behind it that change nothing need not wait for each other */
  isQuestion: boolean
  run(): Promise<T>
}

/** What each gives. None begins once `isOver` says so: then it is undefined. No rejection is left unhandled. */
export function inOrder<T>(all: readonly Ordered<T>[], isOver: () => boolean): Promise<T | undefined>[] {
  const begun: { of: Ordered<T>; done: Promise<T | undefined> }[] = []
  for (const of of all) {
    const before = begun.filter((one) => one.of.with === of.with && !(of.isQuestion && one.of.isQuestion))
    const done = Promise.allSettled(before.map((one) => one.done)).then(() => (isOver() ? undefined : of.run()))
    done.catch(() => undefined)
    begun.push({ of, done })
  }
  return begun.map(({ done }) => done)
}
