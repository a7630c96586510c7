/** How a contract begins, at genesis and at an upgrade: shared by the host that does it and whoever does it again. */
import { randomBytes } from 'node:crypto'
import type { Commit, Genesis } from '../../store/commit-types.ts'
import type { CallContext, CallLimits, GenesisOptions, Origin, Outcome, Vm } from '../../vm/types.ts'
import {
  LIFECYCLE_GAS,
  MAX_MIGRATION_BYTES,
  MAX_STATE_BYTES,
  MIGRATION_GAS,
  NONCE_BYTES,
  WATCHDOG_MS,
} from '../constants.ts'

/** Methods of the owner's signed orders: no function can have such a name. */
export const UPGRADE = '@upgrade'
export const ROLLBACK = '@rollback'
export const MERGE = '@merge'
/** What a rollback answers in its record: nothing runs. */
export const NO_RESULT: Uint8Array = Buffer.from('null')

export interface Migration {
  /** the open instance with the old state */
  from: string
  /** the new one is opened as this */
  to: string
  module: Uint8Array
  options: GenesisOptions
  context: CallContext
  content: ReadonlyMap<string, Uint8Array>
  wallMs?: number
  /** ends it in the middle, as CANCELLED */
  signal?: AbortSignal
}

export interface Migrated {
  outcome: Outcome
  origin?: Origin
  /** it failed before the new code had anything to do with it */
  isUnread?: true
}

/**
 * Takes the whole logical state of one instance, and begins another with it. Everything that decides the result is in the commit that
 * comes of it: the same old memory, module, context and content give the same new memory.
 */
export async function migrate(vm: Vm, migration: Migration): Promise<Migrated> {
  const old = await readWhole(vm, migration.from, migration)
  if (!old.ok) return { outcome: old, isUnread: true }
  const made = await begin(vm, migration, old.result)
  if (!made.outcome.ok) return made
  const { outcome } = made
  // what the old code read while it gave its state belongs to the upgrade, too
  return { ...made, outcome: { ...outcome, reads: [...new Set([...old.reads, ...outcome.reads])] } }
}

type Circumstances = Pick<Migration, 'context' | 'content' | 'wallMs' | 'signal'>

/** The whole logical state of an open instance. */
export function readWhole(vm: Vm, key: string, circumstances: Circumstances): Promise<Outcome> {
  const { context, content, wallMs = WATCHDOG_MS, signal } = circumstances
  const limits = { gas: MIGRATION_GAS, wallMs, resultBytes: MAX_MIGRATION_BYTES }
  return vm.state(key, { method: 'state', args: Buffer.from('[]'), context, limits, content }, { signal })
}

/** Begins an instance with a logical state. */
export function begin(vm: Vm, migration: Migration, state: Uint8Array): Promise<Migrated> {
  const { to, module, options, context, content, wallMs = WATCHDOG_MS, signal } = migration
  const limits = { gas: MIGRATION_GAS, wallMs, resultBytes: MAX_MIGRATION_BYTES }
  return vm.genesis(to, module, { method: 'migrate', args: state, context, limits, content }, { ...options, signal })
}

/** What a contract may use of gas and time to start, or to be tried. */
export function lifecycleLimits(): CallLimits {
  return { gas: LIFECYCLE_GAS, wallMs: WATCHDOG_MS, resultBytes: MAX_STATE_BYTES }
}

/** What the first commit of a fork says of it: it has no arguments, and its state is that of another. */
export const genesisOfFork = (owner: string): Genesis => ({
  owner,
  nonce: randomBytes(NONCE_BYTES),
  args: new Uint8Array(0),
})

/** The service that a commit belongs to: a first commit names itself. */
export const serviceOf = ({ service, cid }: Commit): NonNullable<Commit['service']> => service ?? cid
