/** One thing at a time, in the order of arrival: deployments, publications, pulls of one service. */

export interface Serial {
  /** Runs the task after all that came before it. Its failure is its caller's alone. */
  run<T>(task: () => Promise<T>): Promise<T>
  /** tasks that run or wait */
  readonly size: number
}

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  let size = 0
  return {
    run<T>(task: () => Promise<T>): Promise<T> {
      size++
      const result = last.then(task).finally(() => {
        size--
      })
      last = result.catch(() => undefined)
      return result
    },
    get size() {
      return size
    },
  }
}
