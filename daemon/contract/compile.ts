import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CID } from 'multiformats/cid'
import type { Reply, Task } from './compile-worker.ts'
import { COMPILE_HEAP_MB, COMPILE_TIME_MS, STOP_TIME_MS } from './constants.ts'
import { ContractError } from './errors.ts'
import type { BuiltContract, CompileOptions, ContractImport } from './types.ts'

/**
 * Compiles a contract's folder: manifest, sources, one ES module, interface. Nothing of it is executed, stored or fetched.
 *
 * Hostile sources cost at most the bounds of constants.ts: the work is done in a thread with a heap and a deadline of its own, which
 * takes esbuild's process down with it. Throws ContractError; BUILD_FAILED carries the problems.
 */
export async function compile(dir: string, options: CompileOptions = {}): Promise<BuiltContract> {
  const { timeMs = COMPILE_TIME_MS, signal } = options
  signal?.throwIfAborted()
  // The published package holds .js files, a checkout .ts files.
  const script = new URL(`./compile-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)
  const compiled = getCompileCacheDir()
  // that folder is the one for this version of Node.js, in the one which was asked for
  const task: Task = { dir, cacheDir: compiled && dirname(compiled) }
  const worker = new Worker(script, {
    workerData: task,
    // Flags of the process, such as --input-type, may be none that a thread takes.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: COMPILE_HEAP_MB },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const abort = (): void => reject(signal?.reason)
  const late = (): void => reject(failed(`Compiling took longer than ${timeMs} ms`, 'Make the contract smaller.'))
  const ended = failed('The compiler ended early', 'Try again.')
  const timer = setTimeout(late, timeMs)
  signal?.addEventListener('abort', abort, { once: true })
  worker.once('message', resolve)
  worker.once('error', ({ code }: NodeJS.ErrnoException) => {
    const large = code === 'ERR_WORKER_OUT_OF_MEMORY'
    reject(large ? failed('Compiling took too much memory', 'Make the contract smaller.') : ended)
  })
  worker.once('exit', () => reject(ended))
  try {
    const reply = await promise
    if (reply.ok) return withCids(reply.built)
    const { code, message, hint, problems } = reply.error
    throw new ContractError(code, message, hint, problems)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    await end(worker)
  }
}

/** CIDs come out of a thread as plain objects. */
function withCids(built: BuiltContract): BuiltContract {
  const revive = (cid: CID): CID => CID.asCID(cid) ?? cid
  return {
    ...built,
    imports: built.imports.map((found): ContractImport => {
      const contract = revive(found.contract)
      if (found.mode === 'code') return { ...found, contract }
      const service = revive(found.service)
      return found.mode === 'live'
        ? { ...found, contract, service }
        : { ...found, contract, service, commit: revive(found.commit) }
    }),
    bundle: built.bundle.map((part) => (part.kind === 'npm' ? part : { ...part, contract: revive(part.contract) })),
  }
}

/** Lets the thread take esbuild's process down; one that is busy parsing hears nothing, but has no such process. */
async function end(worker: Worker): Promise<void> {
  if (worker.threadId < 0) return
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  const timer = setTimeout(() => void worker.terminate(), STOP_TIME_MS)
  worker.postMessage('stop')
  await exited
  clearTimeout(timer)
}

function failed(sentence: string, hint: string): ContractError {
  return new ContractError('BUILD_FAILED', `${sentence}.`, hint)
}
