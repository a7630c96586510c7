/** A three-way merge in the VM: shared by the host that does it and whoever does it again. */
import { randomBytes } from 'node:crypto'
import type { Origin, Outcome, Vm } from '../../vm/types.ts'
import { MAX_MIGRATION_BYTES, MIGRATION_GAS, WATCHDOG_MS } from '../constants.ts'
import { openedFor } from '../run/opened-for.ts'
import { begin, type Migrated, type Migration, readWhole } from './lifecycle.ts'

/** Memories of the service that is taken from. */
export interface Sides {
  /** at the commit that both come from */
  base: () => Promise<Origin>
  /** at the commit that is taken in */
  theirs: () => Promise<Origin>
}

export type MergeStage =
  /** a state could not be written down */
  | 'read'
  /** the contract's own `merge` */
  | 'merge'
  /** what it made was not taken over */
  | 'take'

/**
 * Hands `merge` of the contract three logical states, and begins an instance with what it makes of them, like a migration. The same states,
 * module, context and content give the same memory.
 */
export async function mergeStates(
  vm: Vm,
  migration: Migration,
  { base, theirs }: Sides,
): Promise<Migrated & { stage: MergeStage }> {
  const { from, module, options, context, content, wallMs = WATCHDOG_MS, signal } = migration
  const reads = new Set<string>()
  const texts: Uint8Array[] = []

  const read = async (find: (() => Promise<Origin>) | string): Promise<Outcome> => {
    const ask = (key: string): Promise<Outcome> => readWhole(vm, key, migration)
    const outcome = typeof find === 'string' ? await ask(find) : await openedFor(vm, 'merge', await find(), ask)
    if (!outcome.ok) return outcome
    for (const cid of outcome.reads) reads.add(cid)
    texts.push(outcome.result)
    return outcome
  }
  for (const side of [base, from, theirs]) {
    const outcome = await read(side)
    if (!outcome.ok) return { outcome, stage: 'read' }
  }

  const key = `merge/${randomBytes(8).toString('hex')}`
  const limits = { gas: MIGRATION_GAS, wallMs, resultBytes: MAX_MIGRATION_BYTES }
  let merged: Outcome
  try {
    const request = { method: 'merge', args: listOf(texts), context, limits, content }
    merged = (await vm.genesis(key, module, request, { ...options, signal })).outcome
  } finally {
    await vm.close(key)
  }
  if (!merged.ok) return { outcome: merged, stage: 'merge' }
  const made = await begin(vm, migration, merged.result)
  if (!made.outcome.ok) return { ...made, stage: 'take' }
  const { outcome } = made
  const all = {
    reads: [...new Set([...reads, ...merged.reads, ...outcome.reads])],
    writes: [...new Map([...merged.writes, ...outcome.writes].map((one) => [one.cid, one])).values()],
  }
  return { ...made, outcome: { ...outcome, ...all, gas: merged.gas + outcome.gas }, stage: 'take' }
}

const listOf = (texts: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    Buffer.from('['),
    ...texts.flatMap((text, i) => (i === 0 ? [text] : [Buffer.from(','), text])),
    Buffer.from(']'),
  ])
