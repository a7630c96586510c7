/** Keeps what is known of who has seen the newest publication: asked after each, and again when somebody comes who might. */
import type { CID } from 'multiformats/cid'
import type { Registry } from '../../../registry/home/types.ts'
import { PROVE_AGAIN_MS, PROVE_SETTLE_MS } from './constants.ts'
import type { Proof, Prove } from './prove.ts'

export interface ProofsParts {
  registry: Pick<Registry, 'publication'>
  prove: Prove
  now: () => number
}

export interface Proofs {
  /** Asks others now. @param contract @default any that is published */
  ask(options: { signal: AbortSignal; contract?: CID }): Promise<Proof>
  /** of the newest publication; undefined if nobody was asked yet */
  last(): Proof | undefined
  /** A peer is there: it is asked if nobody has seen the publication so far. Returns at once. */
  met(): void
  stop(): void
}

export function createProofs({ registry, prove, now }: ProofsParts): Proofs {
  const stopping = new AbortController()
  let last: { seq: number; proof: Proof } | undefined
  let askedAt = 0
  let timer: NodeJS.Timeout | undefined

  const ask: Proofs['ask'] = async ({ signal, contract }) => {
    const publication = registry.publication()
    const wanted = contract ?? publication?.list.services[0]?.contract
    if (publication === undefined || wanted === undefined) return { seenBy: 0, others: [] }
    askedAt = now()
    const proof = await prove(publication, wanted, { signal: AbortSignal.any([signal, stopping.signal]) })
    last = { seq: publication.node.seq, proof }
    return proof
  }
  const current = (): Proof | undefined => (last?.seq === registry.publication()?.node.seq ? last?.proof : undefined)

  return {
    ask,
    last: current,
    met() {
      if (timer !== undefined || registry.publication() === undefined || (current()?.seenBy ?? 0) > 0) return
      const wait = Math.max(PROVE_SETTLE_MS, askedAt + PROVE_AGAIN_MS - now())
      timer = setTimeout(() => {
        timer = undefined
        ask({ signal: stopping.signal }).catch(() => undefined)
      }, wait)
      timer.unref()
    },
    stop() {
      stopping.abort(new Error('this node is stopping'))
      clearTimeout(timer)
    },
  }
}
