/** Runs tasks of the same key one after the other, in the order in which they came; tasks of different keys side by side. */
export type Serial = <T>(key: string, task: () => Promise<T>) => Promise<T>

/** A queue of its own for each key, forgotten when it is empty. A task's failure is its caller's alone. */
export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>()

  return (key, task) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(task)
    const tail = result.then(ignore, ignore).then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    tails.set(key, tail)
    return result
  }
}

function ignore(): void {}
