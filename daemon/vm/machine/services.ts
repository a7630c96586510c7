import {
  CONTENT_BYTES_MAX,
  CONTENT_COUNT_MAX,
  EVENT_BYTES_MAX,
  EVENTS_MAX,
  LOG_BYTES_MAX,
  LOG_LINES_MAX,
} from '../constants.ts'
import { CONTENT_GAS, CONTENT_READ_BYTE_GAS, CONTENT_WRITE_BYTE_GAS, EVENT_BYTE_GAS, LOG_BYTE_GAS } from '../prices.ts'
import { contentCid, isContentCid } from './content-cid.ts'
import { type CallRecord, ContentNeeded, type GuestCall } from './guest.ts'
import { readUtf8 } from './read-utf8.ts'

/** What the host does for a contract in the middle of one call, and its bounds. A refusal is a letter (R or T) and a sentence. */
export interface Services {
  /** bytes of a log line that are still wanted */
  logRoom(): number
  log(line: Uint8Array): void
  /** @param value none if it is too long */
  emit(name: string, value: Uint8Array | undefined): string | undefined
  /** @throws ContentNeeded */
  get(cid: string): Uint8Array | string
  /** @param bytes copied if they are kept */
  put(bytes: Uint8Array): string
  /** Forgets what was done and starts anew. */
  take(): Omit<CallRecord, 'asks'>
  /** the ID of the call */
  callId(): string
  begin(call: Pick<GuestCall, 'content' | 'context'>): void
}

const TOO_MANY_BLOCKS = `Ra call can read ${CONTENT_COUNT_MAX} pieces of content, and write as many`
const TOO_LARGE = `Rcontent has at most ${CONTENT_BYTES_MAX} bytes`
const NOT_A_CID = 'Tcontent is named by a CIDv1 of raw bytes with sha2-256, in base32'

/** @param pay charges units of gas; answers whether they were there. What cannot be paid for is not done. */
export function createServices(pay: (units: bigint) => boolean): Services {
  let record: Omit<CallRecord, 'asks'> = { logs: [], events: [], reads: [], writes: [] }
  let logRoom = LOG_BYTES_MAX
  let eventRoom = EVENT_BYTES_MAX
  let content: ReadonlyMap<string, Uint8Array> = new Map()
  let callId = ''

  return {
    logRoom: () => (record.logs.length < LOG_LINES_MAX ? logRoom : 0),
    log(line) {
      if (!pay(LOG_BYTE_GAS * BigInt(line.length))) return
      record.logs.push(readUtf8(line))
      logRoom -= line.length
    },
    emit(name, value) {
      const length = Buffer.byteLength(name) + (value?.length ?? 0)
      if (value === undefined || record.events.length >= EVENTS_MAX || length > eventRoom)
        return `Ra call can emit ${EVENTS_MAX} events of ${EVENT_BYTES_MAX} bytes together`
      if (!pay(EVENT_BYTE_GAS * BigInt(length))) return undefined
      record.events.push({ name, value })
      eventRoom -= length
      return undefined
    },
    get(cid) {
      if (!pay(CONTENT_GAS)) return NO_BYTES
      if (!isContentCid(cid)) return NOT_A_CID
      const written = record.writes.find((block) => block.cid === cid)?.bytes
      const found = written ?? content.get(cid)
      const isNew = written === undefined && !record.reads.includes(cid)
      if (isNew && record.reads.length >= CONTENT_COUNT_MAX) return TOO_MANY_BLOCKS
      if (found === undefined) throw new ContentNeeded(cid)
      if (found.length > CONTENT_BYTES_MAX) return TOO_LARGE
      if (!pay(CONTENT_READ_BYTE_GAS * BigInt(found.length))) return NO_BYTES
      if (isNew) record.reads.push(cid)
      return found
    },
    put(bytes) {
      if (bytes.length > CONTENT_BYTES_MAX) return TOO_LARGE
      if (!pay(CONTENT_GAS + CONTENT_WRITE_BYTE_GAS * BigInt(bytes.length))) return TOO_LARGE
      const cid = contentCid(bytes)
      if (record.writes.some((block) => block.cid === cid)) return cid
      if (record.writes.length >= CONTENT_COUNT_MAX) return TOO_MANY_BLOCKS
      record.writes.push({ cid, bytes: bytes.slice() })
      return cid
    },
    take() {
      const taken = record
      record = { logs: [], events: [], reads: [], writes: [] }
      logRoom = LOG_BYTES_MAX
      eventRoom = EVENT_BYTES_MAX
      content = new Map()
      return taken
    },
    callId: () => callId,
    begin(call) {
      content = call.content
      callId = call.context.call
    },
  }
}

const NO_BYTES = new Uint8Array(0)
