import { readFileSync } from 'node:fs'
import { CID } from 'multiformats/cid'

export interface Vectors<Valid, Invalid> {
  valid: Valid[]
  invalid: Invalid[]
}

export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../specs/vectors/${name}.json`, import.meta.url), 'utf8')) as T
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A value of the data model from its DAG-JSON form: `{"/": {"bytes": base64}}` and `{"/": cid}`. */
export function fromDagJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromDagJson)
  if (typeof value !== 'object' || value === null) return value
  const { '/': special } = value as { '/'?: string | { bytes: string } }
  if (typeof special === 'string') return CID.parse(special)
  if (special !== undefined) return new Uint8Array(Buffer.from(special.bytes, 'base64'))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromDagJson(inner)]))
}

/** The frames of the vectors, and those that are none. */
export function readFrames(): { valid: Uint8Array[]; invalid: Uint8Array[] } {
  const { valid, invalid } = readVectors<Vectors<{ hex: string }, { hex: string }>>('internode')
  const bytesOf = ({ hex }: { hex: string }): Uint8Array => fromHex(hex)
  return { valid: valid.map(bytesOf), invalid: invalid.map(bytesOf) }
}
