import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  ANSWER_BYTES_MAX,
  ANSWER_CODE_MAX,
  ANSWER_MESSAGE_MAX,
  ASK_BYTES_MAX,
  ASKS_BYTES_MAX,
  ASKS_MAX,
  CONTENT_BYTES_MAX,
  CONTENT_COUNT_MAX,
  DELTA_BYTES_MAX,
  EVENT_BYTES_MAX,
  EVENTS_MAX,
  GUEST_HEAP_BYTES,
  GUEST_STACK_BYTES,
  LOG_BYTES_MAX,
  LOG_LINES_MAX,
  MAX_WASM_PAGES,
  MESSAGE_BYTES_MAX,
  MODULE_BYTES_MAX,
  MODULE_NAME_BYTES_MAX,
} from '../constants.ts'
import { guestModules } from '../guest/modules.ts'
import { instrument } from '../instrument/instrument.ts'
import * as prices from '../prices.ts'
import { GUEST_SECTION, type GuestProfile } from './guest-profile.ts'

/** Bits of quickjs-wasi's `Intrinsics`: all but performance, DOMException, atob and btoa. */
const INTRINSICS = 0b11_1111_1111

/** What the host's side of the engine decides by. */
const BOUNDS = {
  MODULE_BYTES_MAX,
  MODULE_NAME_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  LOG_LINES_MAX,
  LOG_BYTES_MAX,
  EVENTS_MAX,
  EVENT_BYTES_MAX,
  CONTENT_BYTES_MAX,
  CONTENT_COUNT_MAX,
  DELTA_BYTES_MAX,
  ASKS_MAX,
  ASK_BYTES_MAX,
  ASKS_BYTES_MAX,
  ANSWER_BYTES_MAX,
  ANSWER_CODE_MAX,
  ANSWER_MESSAGE_MAX,
}

/**
 * Makes the engine from the pinned quickjs-wasi: instrumented, and with what a contract finds inside it in a section of its
 * own, so that one hash covers all that decides how a contract runs. Takes about 0.2 s.
 */
export async function buildEngine(): Promise<Uint8Array> {
  const stock = await readFile(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm')))
  const profile: GuestProfile = {
    modules: guestModules,
    intrinsics: INTRINSICS,
    stackBytes: GUEST_STACK_BYTES,
    heapBytes: GUEST_HEAP_BYTES,
    bounds: Object.fromEntries(Object.entries({ ...BOUNDS, ...prices }).map(([name, n]) => [name, Number(n)])),
  }
  const section = { name: GUEST_SECTION, bytes: new TextEncoder().encode(JSON.stringify(profile)) }
  return instrument(stock, { maxPages: MAX_WASM_PAGES, sections: [section] })
}
