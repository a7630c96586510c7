/** Tries again where a service lost its place in the VM before what it was opened for began. */
import { MAX_REOPENINGS } from '../constants.ts'

/** @param run opens what it needs. The VM promises that what fails with NOT_OPEN was not begun: another service took the worker down */
export async function reopening<T>(run: () => Promise<T>): Promise<T> {
  for (let left = MAX_REOPENINGS; ; left--) {
    try {
      return await run()
    } catch (error) {
      if ((error as { code?: string }).code !== 'NOT_OPEN' || left === 0) throw error
    }
  }
}
