import type { FirstBody } from './commit-body.ts'
import { isFirst } from './commit-body.ts'
import { unpackCalls } from './commit-calls.ts'
import type { SignedCommit } from './commit-codec.ts'
import { unpackContent } from './commit-content.ts'
import type { Commit, Genesis } from './commit-types.ts'
import { MAX_CALLS_BYTES } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { decodeDelta } from './delta-codec.ts'
import { unpackPayload } from './payload.ts'

/** A commit as the rest of the daemon sees it, with what it links: calls and arguments whole, a long delta as its link. */
export const fullCommit = async ({ cid, body }: SignedCommit, blocks: Blocks): Promise<Commit> => {
  const { kind, seq, epoch, contract, engine, time, root, host } = body
  const calls = await unpackCalls(body.calls, blocks, body)
  const common = { cid, kind, seq, epoch, contract, engine, time, calls, root, host, content: [], forced: false }
  const sources = {
    ...('checkpoint' in body && { checkpoint: body.checkpoint }),
    ...('from' in body && { from: body.from }),
  }
  if (isFirst(body)) return { ...common, ...sources, genesis: await fullGenesis(body, blocks) }
  const { service, parent, before } = body
  const content = await unpackContent(body.content, blocks, body)
  const own = {
    ...(body.kind === 'upgrade' && { forced: body.forced }),
    ...(body.kind === 'handover' && { handover: body.handover }),
  }
  const delta = 'delta' in body && {
    delta: body.delta instanceof Uint8Array ? await decodeDelta(body.delta) : body.delta,
  }
  return { ...common, ...sources, ...own, ...delta, service, parent, before, content }
}

const fullGenesis = async ({ genesis: { owner, nonce, args } }: FirstBody, blocks: Blocks): Promise<Genesis> => ({
  owner,
  nonce,
  args: await unpackPayload(args, blocks, MAX_CALLS_BYTES, { seq: 0 }),
})
