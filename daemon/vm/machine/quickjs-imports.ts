import { MODULE_NAME_BYTES_MAX } from '../constants.ts'
import { GuestOutOfMemory, WORD } from './guest-memory.ts'
import type { EngineImports } from './instance.ts'
import type { HostFunction } from './quickjs-services.ts'
import type { Box, QuickJsValues } from './quickjs-values.ts'

/** What the engine may ask of its host while it runs. */
export interface HostPort {
  values(): QuickJsValues
  /** milliseconds since 1970 */
  now(): number
  /** The interpreter has gone round a loop, or called, ten thousand times. What is thrown ends the call. */
  onPause(): void
  /** A promise was rejected and has no handler, or then got one. The boxes are the host's to drop. */
  onRejection(promise: Box, reason: Box, isHandled: boolean): void
  /** what the runtime knows by this name */
  hostFunction(name: string): HostFunction | undefined
  /** Told that the memory was too full for the host's part. */
  ranOut(): void
  /** source of a module that may be imported */
  source(name: string): Uint8Array | undefined
  mayImport(importer: string, name: string): boolean
  /** address of the error that says what may not be imported */
  refusedImport(name: string): number
}

/** WASI's "function not supported". */
const ENOSYS = 52
const NULL = 0
/** Most arguments that a function of the host takes. */
const ARGUMENTS_MAX = 3
const NANOSECONDS_PER_MILLISECOND = 1_000_000n

/**
 * The whole surface between the engine and this process. There are no files, no environment, no entropy: what is not listed
 * here by WASI name fails with ENOSYS.
 */
export function createImports(host: HostPort): EngineImports {
  const unsupported = () => ENOSYS
  return {
    env: {
      host_get_timezone_offset: () => 0,
      host_interrupt: () => {
        host.onPause()
        return 0
      },
      host_promise_rejection: (promise: number, reason: number, isHandled: number): void =>
        host.onRejection(promise, reason, isHandled !== 0),
      host_module_normalize: (importerAt: number, nameAt: number): number => {
        const values = host.values()
        const importer = values.cString(importerAt, MODULE_NAME_BYTES_MAX)
        const name = values.cString(nameAt, MODULE_NAME_BYTES_MAX)
        if (importer === undefined || name === undefined) return NULL
        if (host.mayImport(importer, name)) return values.writeText(`${name}\0`)
        const error = host.refusedImport(name)
        if (!values.isException(error)) values.throwError(error)
        return NULL
      },
      host_module_load: (nameAt: number, lengthAt: number): number => {
        const values = host.values()
        const name = values.cString(nameAt, MODULE_NAME_BYTES_MAX)
        const source = name === undefined ? undefined : host.source(name)
        if (!source) return NULL
        values.setWord(lengthAt, source.length)
        return values.writeZeroEnded(source)
      },
      host_call: (nameAt: number, nameLength: number, _self: number, count: number, argumentsAt: number): number => {
        const values = host.values()
        const name = Buffer.from(values.view(nameAt, Math.min(nameLength, MODULE_NAME_BYTES_MAX))).toString()
        const run = host.hostFunction(name)
        if (!run) return values.undefinedValue()
        const args = Array.from({ length: Math.min(count, ARGUMENTS_MAX) }, (_, i) =>
          values.word(argumentsAt + i * WORD),
        )
        try {
          return run(...args)
        } catch (error) {
          if (!(error instanceof GuestOutOfMemory)) throw error
          host.ranOut()
          return NULL
        }
      },
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, resultAt: number): number => {
        host.values().setLong(resultAt, BigInt(host.now()) * NANOSECONDS_PER_MILLISECOND)
        return 0
      },
      // asked once, at start, for the canary of the C library: a constant
      random_get: (address: number, length: number): number => {
        host.values().fillZero(address, length)
        return 0
      },
      fd_close: unsupported,
      fd_fdstat_get: unsupported,
      fd_seek: unsupported,
      fd_write: unsupported,
    },
  }
}
