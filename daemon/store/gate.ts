/** Lets many in at a time, or one alone; who came first is let in first. */
export interface Gate {
  shared<T>(run: () => Promise<T>): Promise<T>
  /** Waits until nobody is inside. Not to be asked for from inside. */
  alone<T>(run: () => Promise<T>): Promise<T>
}

interface Waiting {
  isAlone: boolean
  enter: () => void
}

export const createGate = (): Gate => {
  const waiting: Waiting[] = []
  let inside = 0
  let isAlone = false

  const letIn = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (isAlone || (next.isAlone && inside > 0)) return
      waiting.shift()
      inside++
      isAlone = next.isAlone
      next.enter()
    }
  }

  const pass = async <T>(alone: boolean, run: () => Promise<T>): Promise<T> => {
    await new Promise<void>((enter) => {
      waiting.push({ isAlone: alone, enter })
      letIn()
    })
    try {
      return await run()
    } finally {
      inside--
      isAlone = false
      letIn()
    }
  }

  return { shared: (run) => pass(false, run), alone: (run) => pass(true, run) }
}
