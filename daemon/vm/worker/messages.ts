import type { VmErrorCode } from '../errors.ts'
import type { CallRequest, GenesisOptions, GroupEffects, Image, Origin, Outcome } from '../types.ts'
import type { PackedOutcomes, PackedRequests } from './pack.ts'

/** What a worker is asked to do with one of its services, which it knows by number, and what comes back. */
export interface Jobs {
  genesis: { asks: { service: number; module: Uint8Array; init: CallRequest; options: GenesisOptions }; gives: Genesis }
  open: { asks: { service: number; origin: Origin }; gives: undefined }
  calls: { asks: { service: number; packed: PackedRequests }; gives: Group }
  query: { asks: { service: number; request: CallRequest }; gives: Outcome }
  state: { asks: { service: number; request: CallRequest }; gives: Outcome }
  /** the state as it is, unless it is larger than a mirror may be */
  image: { asks: { service: number }; gives: Image | undefined }
  stream: { asks: { service: number; request: CallRequest }; gives: Outcome }
  next: { asks: { service: number; request: CallRequest }; gives: Outcome }
  close: { asks: { service: number }; gives: undefined }
}
export type JobKind = keyof Jobs

export interface Group {
  packed: PackedOutcomes
  change?: GroupEffects['change']
}

export interface Genesis {
  outcome: Outcome
  origin?: Origin
}

export type Request = { [K in JobKind]: { id: number; kind: K; asks: Jobs[K]['asks'] } }[JobKind]

export type Reply = { id: number /** what the job took, in ms */; ms: number } & (
  | { gives: Jobs[JobKind]['gives'] }
  | { refused: { code: VmErrorCode; message: string; hint: string } }
  /** something that should not happen: the service is no longer open */
  | { crashed: string }
)

/** What a worker is started with. */
export interface WorkerSettings {
  cacheDir?: string
  audit: boolean
  /** see begin.ts */
  states: Int32Array<SharedArrayBuffer>
  /** see endings.ts */
  endings: Int32Array<SharedArrayBuffer>
  /** whether the worker is to load the engine, and hand it back, or to wait until it is sent */
  loadsEngine: boolean
}

/** A worker's first message: it is ready, or never will be. */
export type Greeting =
  | { engine: WebAssembly.Module }
  | { refused: { code: VmErrorCode; message: string; hint: string } }
/** The first message to a worker that does not load the engine itself. */
export interface EngineMessage {
  engine: WebAssembly.Module
}
