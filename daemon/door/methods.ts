/** The table of methods: what each takes, and how it is answered. */
import { MAX_ARGUMENTS, MAX_CID_CHARS, MAX_FUNCTION_CHARS, MAX_NAME_CHARS } from '../api/constants.ts'
import { type Check, integer, json, list, optional, record, required, text } from '../api/shapes.ts'
import type { Json } from '../api/vocabulary.ts'
import { FOLLOW_MS, MAX_ENVELOPE_CHARS, MAX_GRANT_CHARS, PROGRAM_MS } from './constants.ts'
import type { Claim, ProgramQuestion, ProgramSource } from './types.ts'

export interface DoorMethod {
  check: Check
  /** milliseconds, anew with each item */
  patience: number
  answer(
    source: ProgramSource,
    params: Params,
    options: { signal: AbortSignal; onItem: (item: unknown) => Promise<void> },
  ): Promise<unknown>
}

/** What passed the check of its method. */
interface Params {
  name: string
  method: string
  args: Json[]
  envelope: string
  gas?: number
  at?: string
  from?: number
  as?: { user: string; grant: string }
}

const name = required(text({ max: MAX_NAME_CHARS }))
const base64 = (max: number): Check => text({ max, pattern: /^[A-Za-z0-9+/]+={0,2}$/, what: 'is not base64' })
const claim = record({ user: required(text({ max: MAX_CID_CHARS })), grant: required(base64(MAX_GRANT_CHARS)) })
const as = optional(claim)
const question = record({
  name,
  method: required(text({ max: MAX_FUNCTION_CHARS })),
  args: required(list(json(), { max: MAX_ARGUMENTS })),
  gas: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  at: optional(text({ max: MAX_CID_CHARS })),
  as,
})

export const METHODS: ReadonlyMap<string, DoorMethod> = new Map<string, DoorMethod>([
  [
    'describe',
    {
      check: record({ name, as }),
      patience: PROGRAM_MS,
      answer: (source, params, options) => source.describe({ name: params.name, as: claimIn(params) }, options),
    },
  ],
  [
    'head',
    {
      check: record({ name, as }),
      patience: PROGRAM_MS,
      answer: (source, params, options) => source.head({ name: params.name, as: claimIn(params) }, options),
    },
  ],
  [
    'call',
    {
      check: record({ name, envelope: required(base64(MAX_ENVELOPE_CHARS)) }),
      patience: PROGRAM_MS,
      answer: (source, params, options) =>
        source.call({ name: params.name, envelope: bytesOf(params.envelope) }, options),
    },
  ],
  [
    'query',
    {
      check: question,
      patience: PROGRAM_MS,
      answer: (source, params, options) => source.query(questionIn(params), options),
    },
  ],
  [
    'stream',
    {
      check: question,
      patience: PROGRAM_MS,
      answer: (source, params, options) => source.stream(questionIn(params), options),
    },
  ],
  [
    'subscribe',
    {
      check: record({ name, from: optional(integer({ min: 0, max: Number.MAX_SAFE_INTEGER })), as }),
      patience: FOLLOW_MS,
      answer: (source, params, options) =>
        source.subscribe({ name: params.name, from: params.from, as: claimIn(params) }, options),
    },
  ],
])

function questionIn(params: Params): ProgramQuestion {
  const { name, method, args, gas, at } = params
  return { name, method, args, gas, at, as: claimIn(params) }
}

function claimIn({ as }: Params): Claim | undefined {
  return as && { user: as.user, grant: bytesOf(as.grant) }
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
