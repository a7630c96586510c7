/**
 * What bitswap answers, read a part at a time. As the library has it, all that a peer wants is read into memory before a byte of it is sent:
 * 1,024 blocks, and so 1 GiB, for each peer that asks; and a peer that takes none of it keeps one of the 50 places to send for ever.
 */
import type { Helia } from 'helia'
import { base64 } from 'multiformats/bases/base64'
import type { CID } from 'multiformats/cid'
import type { Chunks } from './chunks.ts'
import { ANSWER_BYTES, ANSWER_TIMEOUT_MS } from './constants.ts'

interface Options {
  signal?: AbortSignal
}

/** Of @helia/bitswap 4.0: what it knows of one peer and its wants. */
interface Ledger {
  blockstore: { has(cid: CID, options?: Options): Promise<boolean>; get(cid: CID, options?: Options): Chunks }
  wants: Map<string, { status: 'want' | 'sending' | 'sent' }>
  sendBlocksToPeer(options?: Options): Promise<void>
}

interface Broker {
  bitswap: { peerWantLists: { ledgerMap: { set(peer: unknown, ledger: Ledger): unknown } } }
}

/** Before Helia starts: bitswap is made then. */
export function boundAnswers(helia: Helia): void {
  const inside = helia as unknown as { addBlockBroker(broker: Broker): void }
  const add = inside.addBlockBroker.bind(inside)
  inside.addBlockBroker = (broker) => {
    const { ledgerMap } = broker.bitswap.peerWantLists
    const set = ledgerMap.set.bind(ledgerMap)
    ledgerMap.set = (peer, ledger) => set(peer, bound(ledger))
    add(broker)
  }
}

function bound(ledger: Ledger): Ledger {
  const store = ledger.blockstore
  const send = ledger.sendBlocksToPeer.bind(ledger)
  let part: Ledger['wants'] = new Map()
  let bytes = 0
  let isMore = false
  /** For the next part: the ledger sends what is still `sending` once it was read, and nothing else. */
  const postpone = (cid: CID): void => {
    const want = part.get(base64.encode(cid.multihash.bytes).slice(1))
    if (want !== undefined) want.status = 'want'
    isMore = true
  }
  ledger.blockstore = {
    async has(cid, options) {
      if (bytes < ANSWER_BYTES) return store.has(cid, options)
      postpone(cid)
      return true
    },
    async *get(cid, options) {
      if (bytes >= ANSWER_BYTES) return
      for await (const chunk of store.get(cid, options)) {
        bytes += chunk.length
        yield chunk
      }
    },
  }
  ledger.sendBlocksToPeer = async ({ signal, ...options } = {}) => {
    do {
      // the entries that it is about to take, also if the peer has taken one back by the time that its turn comes
      part = new Map()
      for (const [key, want] of ledger.wants) if (want.status === 'want') part.set(key, want)
      bytes = 0
      isMore = false
      const deadline = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
      await send({ ...options, signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) })
      // the library does not say that it gave up, and who was too slow once is not waited for again
      deadline.throwIfAborted()
    } while (isMore)
  }
  return ledger
}
