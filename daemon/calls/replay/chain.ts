/** Whether a commit follows the one before it, before anything of it is executed. Pure. */
import { sameBytes } from '../../store/block.ts'
import type { Commit } from '../../store/commit-types.ts'
import { serviceOf } from '../life/lifecycle.ts'
import { type Difference, difference, hex } from './compare.ts'

/** @param before absent for the first commit of all */
export function checkChain(commit: Commit, before: Commit | undefined, engine: string): Difference | undefined {
  if (commit.engine.toString() !== engine) return difference('engine', null, commit.engine, engine)
  if (before === undefined) return undefined
  // what a fork owes its origin is its state, and that its time goes on
  const rules = [
    TIME,
    ...(commit.kind === 'fork' ? [] : [PLACE, ROOT, ...HOST[commit.kind === 'handover' ? 'new' : 'same']]),
  ]
  return rules.map((rule) => rule(commit, before)).find((found) => found !== undefined)
}

type Rule = (commit: Commit, before: Commit) => Difference | undefined

const chain = (expected: unknown, found: unknown): Difference => difference('chain', null, expected, found)

const TIME: Rule = ({ time }, before) =>
  time >= before.time ? undefined : difference('time', null, `not before ${before.time}`, time)

const PLACE: Rule = (commit, before) => {
  const said = `${serviceOf(commit)} ${commit.seq} after ${commit.parent}`
  const wanted = `${serviceOf(before)} ${before.seq + 1} after ${before.cid}`
  return said === wanted ? undefined : chain(wanted, said)
}

const ROOT: Rule = (commit, before) => {
  const said = commit.before ?? new Uint8Array(0)
  return sameBytes(said, before.root) ? undefined : difference('before', null, hex(said), hex(before.root))
}

const HOST: Record<'same' | 'new', Rule[]> = {
  same: [
    ({ epoch, host }, before) =>
      epoch === before.epoch && sameBytes(host, before.host)
        ? undefined
        : chain(`epoch ${before.epoch} by ${hex(before.host)}`, `epoch ${epoch} by ${hex(host)}`),
  ],
  // the owner's word for the new key is checked with the signature
  new: [
    ({ epoch }, before) =>
      epoch === before.epoch + 1 ? undefined : chain(`epoch ${before.epoch + 1}`, `epoch ${epoch}`),
  ],
}
