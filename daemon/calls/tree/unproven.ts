/** Answers of other nodes that are used before their proofs are checked: that takes as long as running the call again, and both go on at the same time. */
import type { Input } from './inputs.ts'

export interface Unproven extends Input {
  /** What it is in truth, if its host did not prove it. Never rejects. */
  check?: (() => Promise<Input | undefined>) | undefined
}

/** Checks those that were not checked, each once, and puts the truth in the place of what does not hold. Answers whether there was any. */
export async function correct(inputs: Unproven[]): Promise<boolean> {
  const checked = inputs.map(async (input, i) => {
    const { check } = input
    if (check === undefined) return false
    delete input.check
    const instead = await check()
    if (instead !== undefined) inputs[i] = instead
    return instead !== undefined
  })
  return (await Promise.all(checked)).includes(true)
}
