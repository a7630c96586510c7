/** Whether others find what this node published: asked of a few of them. */
import type { CID } from 'multiformats/cid'
import type { Internode } from '../../../protocol/types.ts'
import type { Publication } from '../../../registry/home/types.ts'
import { badAnswer, isCount, isFlag, isText, reader } from '../remote/wire.ts'
import { PROVE_PEERS, PROVE_TRIES, SEEN_MS } from './constants.ts'

export interface Proof {
  /** nodes that resolved the name for themselves and fetched contract and home */
  seenBy: number
  /** of those that did not, why: a code each */
  others: { peer: string; code: string }[]
}

export interface ProveParts {
  internode: Pick<Internode, 'request'>
  /** peer IDs of those this node is connected to */
  peers: () => string[]
  /** from 0 to 1. @default Math.random */
  random?: () => number
}

export type Prove = ({ record, node }: Publication, contract: CID, options: { signal: AbortSignal }) => Promise<Proof>

/** Asks up to three peers at a time, and others in the place of those that cannot say. Never throws, except for the signal. */
export function createProve({ internode, peers, random = Math.random }: ProveParts): Prove {
  const ask = async (peer: string, body: object, signal: AbortSignal): Promise<string | null> => {
    try {
      const answer = await internode.request(peer, 'seen', body, { signal, timeoutMs: SEEN_MS + 1_000 })
      const read = reader(answer, (field) => badAnswer(peer, field))
      const code = read('code', isCodeOrNull)
      return read('contract', isFlag) && read('seq', isSequence) !== null ? null : (code ?? 'CONTENT_NOT_FOUND')
    } catch (error) {
      signal.throwIfAborted()
      return (error as { code?: string }).code ?? 'HOST_FAILED'
    }
  }

  return async ({ record, node }, contract, { signal }) => {
    const body = { user: record.user, seq: node.seq, contract }
    const waiting = peers()
      .map((peer) => ({ peer, at: random() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, PROVE_TRIES)
    const proof: Proof = { seenBy: 0, others: [] }
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const code = await ask(next.peer, body, signal)
        if (code === null) {
          proof.seenBy++
          return
        }
        proof.others.push({ peer: next.peer, code })
      }
    }
    await Promise.all(Array.from({ length: PROVE_PEERS }, worker))
    return proof
  }
}

/** A sentence for whoever published: why nobody has seen it. */
export function whyUnseen({ others }: Proof): string {
  if (others.length === 0) return 'no other node has it yet, because none is connected: it is sent when one connects'
  const answers = others.map(({ peer, code }) => `${peer.slice(0, 12)}... answered ${code}`)
  return `no other node has found and fetched it yet: ${answers.join(', ')}; it is sent again by itself`
}

const isSequence = (value: unknown): value is number | null => value === null || isCount(value)
const isCodeOrNull = (value: unknown): value is string | null =>
  value === null || (isText(value) && /^[A-Z_]{1,64}$/.test(value))
