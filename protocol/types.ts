/** The internode protocol as its users see it. Wire format: specs/internode.md. It imports nothing else of ours. */
import type { CID } from 'multiformats/cid'

/**
 * A request handler of one method. What it returns is sent back (dag-cbor data model, 18 MiB at most); what it throws, too, if it has a code.
 *
 * One that returns an async iterable answers with a stream: each item is asked for when the peer has taken the one before, and the
 * iterator's `return` is called when the peer goes away.
 */
export type Handler = (body: unknown, context: { peer: string; signal: AbortSignal }) => Promise<unknown>

/** The slice of libp2p's node that the protocol needs is declared in service.ts, where it is used. */
export interface Internode {
  /**
   * Asks a peer over the one stream with it, opening that first if need be.
   * Rejects with a ProtocolError: the remote's own coded error (party 'remote'), or why there is no answer.
   * `timeoutMs` is how long the peer may take, 30 seconds unless given and ten minutes at most; opening the stream is not counted.
   * `onSent` is told when the request is on its way: before that, it cannot have had any effect.
   */
  request(
    peer: string,
    method: string,
    body: unknown,
    options: { signal: AbortSignal; timeoutMs?: number; onSent?: () => void },
  ): Promise<unknown>
  /**
   * Asks for a stream; nothing is sent before the first item is asked for. Leaving the loop cancels it. Whoever wants to leave while an
   * item is awaited aborts the signal. `timeoutMs` is how long the peer may take to begin.
   */
  stream(
    peer: string,
    method: string,
    body: unknown,
    options: { signal: AbortSignal; timeoutMs?: number },
  ): AsyncIterable<unknown>
  /** Connected sessions, for status pages. */
  sessions(): SessionInfo[]
  /** How a peer behaved of late: its protocol offences, and for how many milliseconds it is refused because of earlier ones. */
  conduct(peer: string): { offences: number; refusedMs: number }
  start(): Promise<void>
  stop(): Promise<void>
}

export interface SessionInfo {
  peer: string
  /** who opened its stream */
  opener: 'local' | 'remote'
  /** what the peer calls itself; the empty string before its hello */
  agent: string
  openedAt: number
  sent: { frames: number; bytes: number }
  received: { frames: number; bytes: number }
  /** requests in both directions that have no answer yet */
  inFlight: number
  /** answers that nobody waited for any more */
  strays: number
  /** for how long nothing was read because the peer sent too fast */
  slowedMs: number
}

/** Whoever signs calls and messages: a user's key, or a node's. */
export interface Signer {
  /** libp2p protobuf bytes of the Ed25519 public key */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** A call of a contract's function, as its caller signs it. */
export interface Call {
  v: 1
  network: string
  /** service ID: CIDv1 of its genesis block, dag-cbor and sha-256 */
  service: CID
  /** exported function */
  method: string
  /** the encoded arguments, at most 1 MiB; the protocol does not look into them */
  args: Uint8Array
  /** libp2p protobuf bytes of the caller's public key */
  caller: Uint8Array
  /** 16 random bytes */
  nonce: Uint8Array
  /** how long after the host received it the call may still start, in milliseconds; an hour at most */
  ttlMs: number
  /** units of gas that it may use; 0: as many as the contract gives a call */
  gas: number
  /** of a call that a service makes, which its host signs with the node's key. Absent: a user calls */
  via?: Via
}

/** In whose course a service calls another, and what proves who signed. */
export interface Via {
  /** user ID of whoever signed the first call of the tree: the word of the hosts in between */
  origin: string
  /** sha-256 of that first call's envelope, 32 bytes */
  tree: Uint8Array
  /** service IDs, each once: from the one that the user called to the one that makes this call */
  chain: CID[]
  /** the genesis block of the last of them and its handovers, oldest first: they make the signer its host */
  proof: Uint8Array[]
}

/** A chat message, as its sender signs it. */
export interface ChatMessage {
  v: 1
  network: string
  /** 16 random bytes */
  id: Uint8Array
  /** libp2p protobuf bytes of the sender's public key */
  from: Uint8Array
  /** user ID or peer ID */
  to: string
  /** milliseconds since 1970, by the sender's clock: for show, never for order */
  time: number
  /** at most 4,000 characters; no control characters but newline and tab */
  text: string
}
