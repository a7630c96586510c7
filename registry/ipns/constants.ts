/** The numbers of IPNS records: specs/registry.md, "IPNS". */
import type { CodecLimits } from '../codec.ts'

export const IPNS_NAMESPACE = 'ipns'
/** what others may publish has to fit, and need not be large: a path, a date, a signature or two */
export const MAX_IPNS_BYTES = 2_048
export const MAX_IPNS_VALUE_BYTES = 1_024
/** five fields and room for some that others add */
export const DATA_LIMITS: CodecLimits = { bytes: MAX_IPNS_BYTES, depth: 4, items: 64 }
/** how long a reader may go on with what it has: five minutes, in nanoseconds */
export const TTL_NS = 300_000_000_000
