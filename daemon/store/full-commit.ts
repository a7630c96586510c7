import type { GenesisBody } from './commit-body.ts'
import { isGenesis } from './commit-body.ts'
import { unpackCalls } from './commit-calls.ts'
import type { SignedCommit } from './commit-codec.ts'
import { MAX_CALLS_BYTES } from './constants.ts'
import { decodeDelta } from './delta-codec.ts'
import { unpackPayload } from './payload.ts'
import type { Blocks, Commit, Genesis } from './types.ts'

/** A commit as the rest of the daemon sees it, with what it links: calls and arguments whole, a long delta as its link. */
export const fullCommit = async ({ cid, body }: SignedCommit, blocks: Blocks): Promise<Commit> => {
  const { seq, epoch, contract, engine, time, root, host } = body
  const calls = await unpackCalls(body.calls, blocks)
  const common = { cid, seq, epoch, contract, engine, time, calls, root, host }
  if (isGenesis(body)) return { ...common, genesis: await fullGenesis(body, blocks), checkpoint: body.checkpoint }
  const { service, parent, before, delta } = body
  return { ...common, service, parent, before, delta: delta instanceof Uint8Array ? await decodeDelta(delta) : delta }
}

const fullGenesis = async ({ genesis: { owner, nonce, args } }: GenesisBody, blocks: Blocks): Promise<Genesis> => ({
  owner,
  nonce,
  args: await unpackPayload(args, blocks, MAX_CALLS_BYTES),
})
