import { outcomeOf } from '../daemon/api/failure.ts'

/** What has to be done before a call: if it fails, the call was not sent, and the failure says so. */
export async function unsent<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const isTold = !(error instanceof Error) || outcomeOf(error).outcome !== undefined
    throw isTold ? error : Object.assign(error, { outcome: 'not-sent' })
  }
}
