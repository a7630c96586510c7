import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { ContractError, type ContractErrorCode } from './errors.ts'
import type { BuiltContract, Problem } from './types.ts'

/** What this thread is given. */
export interface Task {
  dir: string
  /** where the process keeps its compiled code, if it does: threads do not take that over */
  cacheDir: string | undefined
}

/** What this thread says, once; any message to it tells it to stop. */
export type Reply =
  | { ok: true; built: BuiltContract }
  | { ok: false; error: { code: ContractErrorCode; message: string; hint: string; problems: readonly Problem[] } }

async function run({ dir, cacheDir }: Task, signal: AbortSignal): Promise<Reply> {
  if (cacheDir !== undefined) enableCompileCache(cacheDir)
  // loaded after the cache is there: reading the checker takes longer than all else that is done here
  const { build } = await import('./build.ts')
  try {
    return { ok: true, built: await build(dir, { signal }) }
  } catch (error) {
    if (!(error instanceof ContractError)) return { ok: false, error: UNEXPECTED }
    const { code, message, hint, problems } = error
    return { ok: false, error: { code, message, hint, problems } }
  }
}

const UNEXPECTED = {
  code: 'BUILD_FAILED',
  message: 'The compiler itself failed.',
  hint: 'Compile a part of the contract at a time to find what it fails at.',
  problems: [],
} as const

const controller = new AbortController()
parentPort?.once('message', () => controller.abort())
void run(workerData as Task, controller.signal).then((reply) => {
  parentPort?.postMessage(reply)
  parentPort?.close()
})
