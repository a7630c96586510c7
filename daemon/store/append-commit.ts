import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { sameBytes } from './block.ts'
import type { HeadRow } from './bookkeeping.ts'
import { headWrite } from './bookkeeping.ts'
import type { LaterBody } from './commit-body.ts'
import { isChunked, packCalls } from './commit-calls.ts'
import { sealCommit } from './commit-codec.ts'
import { packContent } from './commit-content.ts'
import type { CallRecord } from './commit-types.ts'
import type { CreateComponents } from './create-service.ts'
import { alsoWrites, blockWrite } from './create-service.ts'
import type { Also, Write } from './database-types.ts'
import { encodeDelta, sparseOf } from './delta-codec.ts'
import { StoreError } from './errors.ts'
import { knownHead } from './known-head.ts'
import { packPayload } from './payload.ts'
import type { RecentLines } from './recent-lines.ts'
import { sealOf } from './seal.ts'
import type { NewCommit } from './types.ts'

/** The next commit, signed; what it has written makes it and the new head durable: blocks, commit, head, and what the caller adds. */
export const appendCommit = async (
  components: CreateComponents & { recent: RecentLines },
  service: CID,
  { parent, delta, ...added }: NewCommit,
  known?: HeadRow,
): Promise<SignedRow> => {
  const { recent } = components
  const head = await hostedHead(components, service, parent, known)
  const blocks: Block[] = []
  const encoded = await encodeDelta(sparseOf(delta, recent.before(service, head.commit)))
  // a receipt shows the commit to whoever called: the change is not for all of them
  const mostInline = head.sealed ? 0 : undefined
  const kind = {
    kind: 'step' as const,
    delta: packPayload(encoded, blocks, { service, seq: head.seq + 1 }, mostInline),
  }
  const signed = await signBody(components, head, { ...added, kind, blocks, deltaBytes: encoded.length })
  return { ...signed, written: () => recent.follow(service, head.commit, signed.row.commit, delta) }
}

/** The head that a new commit follows. @throws StoreError NO_SUCH_SERVICE, NOT_HOST, APPEND_CONFLICT */
export const hostedHead = async (
  { bookkeeping, signer }: CreateComponents,
  service: CID,
  parent: CID | undefined,
  known?: HeadRow,
): Promise<HeadRow> => {
  const head = known ?? (await knownHead(bookkeeping, service))
  if (!sameBytes(head.host, signer.publicKey))
    throw new StoreError('NOT_HOST', 'This node does not host the service.', [service])
  if (parent && !parent.equals(head.commit)) {
    throw new StoreError('APPEND_CONFLICT', 'The head of the service has moved on.', [parent, head.commit])
  }
  return head
}

type Kind<B> = B extends LaterBody ? Omit<B, keyof LaterBody> & Pick<B, 'kind'> : never

/** What all commits after the first have, and the fields of their kind. */
export interface NewBody {
  kind: Kind<LaterBody>
  contract: CID
  engine: CID
  time: number
  calls: readonly CallRecord[]
  root: Uint8Array
  content?: readonly CID[]
  also?: Also
  /** what the fields of the kind link to */
  blocks: Block[]
  /** more that has to be durable with it */
  writes?: readonly Write[]
  /** of the encoded delta. @default 0 */
  deltaBytes?: number
}

/** The head that a commit makes, and the blocks of it that prove its calls. */
export interface SignedRow {
  row: HeadRow
  block: Uint8Array
  chunks: Uint8Array[]
  /** of calls */
  count: number
  /** what makes it durable, in one synced batch */
  writes: readonly Write[]
  /** To be told when it is. */
  written(): void
}

/** Signs the next commit and writes it. */
export const appendBody = async (components: CreateComponents, head: HeadRow, added: NewBody): Promise<HeadRow> => {
  const { row, writes } = await signBody(components, head, added)
  await components.database.commit(writes)
  return row
}

const signBody = async (
  { signer }: CreateComponents,
  head: HeadRow,
  { kind, contract, engine, time, calls, root, content = [], also, blocks, writes = [], deltaBytes = 0 }: NewBody,
): Promise<SignedRow> => {
  const { service, epoch, commit } = head
  const seq = head.seq + 1
  const common = { service, seq, epoch, parent: commit, before: head.root, contract, engine, time, root }
  const apart = head.sealed
  const listed = packContent(content, blocks, { service, seq }, { apart })
  const packed = packCalls(calls, blocks, { service, seq }, { apart })
  const body = {
    ...kind,
    ...common,
    ...(listed && { content: listed }),
    calls: packed,
    host: signer.publicKey,
  }
  const block = await sealCommit(body as LaterBody, signer)
  // trust stays what it was: a state that was only signed is not made here because a commit was added to it
  const row: HeadRow = { ...head, commit: block.cid, seq, contract, root, deltaBytes: head.deltaBytes + deltaBytes }
  if (kind.kind === 'handover') row.handovers = [...head.handovers, block.cid]
  const all = [
    ...writes,
    ...[...blocks, block].map((one) => blockWrite(one, sealOf(row))),
    headWrite(row),
    ...alsoWrites(also, block.cid),
  ]
  // the very objects that were packed: the text of a CID takes 10 us to make
  const links = isChunked(packed) ? new Set(packed.chunks) : undefined
  const chunks = links ? blocks.filter(({ cid }) => links.has(cid)).map(({ bytes }) => bytes) : []
  return { row, block: block.bytes, chunks, count: calls.length, writes: all, written: () => undefined }
}
