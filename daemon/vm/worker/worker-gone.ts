/** Why a job has no answer: its own doing (`watchdog`, `crash`), its caller's (`cancelled`), or that of another job of the same worker (`lost`). */
export type WorkerGoneReason = 'watchdog' | 'crash' | 'cancelled' | 'lost' | 'stopped'

/** A job whose service is gone with its worker, or out of it. */
export class WorkerGone extends Error {
  readonly reason: WorkerGoneReason

  constructor(reason: WorkerGoneReason, detail = '') {
    super(detail)
    this.name = 'WorkerGone'
    this.reason = reason
  }
}
