import type { Block } from './types.ts'

/** Hands checked blocks on, in order and many at a time, while the next ones come. */
export interface Sink {
  push(block: Block): void
  /** More is held than should be: stop reading until there was a turn. */
  isFull(): boolean
  /** Hands on what is left, and resolves when all is taken. @throws what `take` threw */
  flushed(): Promise<void>
}

export interface SinkInit {
  /** handed on as soon as so many are here, in blocks or in bytes */
  batchBlocks: number
  batchBytes: number
  /** bytes of blocks that are pushed and not yet taken */
  heldBytes: number
  /** after each turn: there may be room, or `take` failed */
  onTurn(failure: unknown): void
}

export function createSink(take: (blocks: Block[]) => Promise<void>, init: SinkInit): Sink {
  let waiting: Block[] = []
  let waitingBytes = 0
  let takenBytes = 0
  let turn: Promise<void> | undefined
  let failure: { error: unknown } | undefined

  const isDue = (): boolean => waitingBytes >= init.batchBytes || waiting.length >= init.batchBlocks

  async function work(): Promise<void> {
    while (waiting.length > 0 && failure === undefined) {
      const blocks = waiting
      waiting = []
      takenBytes = waitingBytes
      waitingBytes = 0
      try {
        await take(blocks)
      } catch (error) {
        failure = { error }
      }
      takenBytes = 0
      init.onTurn(failure?.error)
      if (!isDue()) break
    }
    turn = undefined
  }

  return {
    push(block) {
      waiting.push(block)
      waitingBytes += block.bytes.length
      if (isDue()) turn ??= work()
    },
    isFull: () => waitingBytes + takenBytes >= init.heldBytes,
    async flushed() {
      await turn
      if (failure === undefined) await work()
      if (failure !== undefined) throw failure.error
    },
  }
}
