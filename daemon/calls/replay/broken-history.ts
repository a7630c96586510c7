import type { Difference } from './compare.ts'
import type { Step } from './types.ts'

/** A commit that cannot be what it should be, before anything was executed. */
export class BrokenHistory extends Error {
  readonly at: Step
  readonly difference: Difference

  constructor(at: Step, found: Difference) {
    super(`${at.commit}: ${found.what}`)
    this.at = at
    this.difference = found
  }
}
