/** Every number of the internode protocol. Sections are those of specs/internode.md. */

/** Section 1. */
export const PROTOCOL = '/amigos/internode/1.0.0'
/** Versions of the frames that this code speaks, newest first (section 3). */
export const VERSIONS: readonly number[] = [1]

/** A body, and so nearly every frame, is at most 1 MiB: larger ones would hold up the small calls behind them. */
export const MAX_BODY_BYTES = 1_048_576
/** Room for the fields around a body: type, id, method, timeout. */
export const MAX_FRAME_BYTES: number = MAX_BODY_BYTES + 1024
/** MAX_FRAME_BYTES is below 2^21, so its varint takes three bytes. */
export const MAX_LENGTH_BYTES = 3
/** What the stream may hold unread. The reader never waits, so a few frames are ample; a larger backlog is an attack. */
export const MAX_READ_BUFFER_BYTES = 4_194_304
/** Of one answer, which travels in parts where it does not fit a frame: the largest result of a call, and its proof. */
export const MAX_ANSWER_BYTES: number = 18 << 20
/**
 * An answer in one frame is no longer than this; of a longer one each part holds so much. Small frames of others get their turn
 * between two of them: 64 KiB take a millisecond at 0.5 Gbit/s. With all that stands around it, a part fits one message of Noise.
 */
export const PART_BYTES = 65_280
/** Room for the fields around the body of such an answer, or around a part. */
export const MAX_ANSWER_FRAME_BYTES: number = PART_BYTES + 1024
/** What may be sent of an answer before the asker has granted any credit: its first part. */
export const INITIAL_CREDIT_BYTES: number = PART_BYTES
/** What an asker lets one answer have on its way, or waiting to be consumed: whatever is on its way, a small answer comes behind. */
export const WINDOW_BYTES: number = PART_BYTES
/** Of a large answer over a long way, at most: what a stream of Yamux carries in a round trip. */
export const MAX_BULK_WINDOW_BYTES: number = 1 << 20
/** Credit that one answer may have in hand; more is an offence. */
export const MAX_CREDIT_BYTES: number = 16 << 20
/** Answers in parts that are sent, or received, at a time on one session: what is whole at its end is held in memory until then. */
export const LARGE_ANSWERS = 1
/** Requests whose late answers are expected after they were given up. */
export const MAX_REMEMBERED_CANCELS = 16_384

/** Values inside values; deeper ones would cost the recursive decoder its stack. */
export const MAX_DEPTH = 64
/** CBOR items in one frame, keys included: decoding this many takes about 10 ms. */
export const MAX_ELEMENTS = 65_536

/** Section 4: bounds of the fields, in UTF-16 code units. */
export const MAX_METHOD_LENGTH = 128
export const MAX_NETWORK_LENGTH = 128
export const MAX_AGENT_LENGTH = 128
export const MAX_CAPABILITIES = 32
export const MAX_CAPABILITY_LENGTH = 64
export const MAX_VERSIONS = 16
export const MAX_CODE_LENGTH = 64
export const MAX_MESSAGE_LENGTH = 1_000
/** The longest deadline that a request may ask for: ten minutes. */
export const MAX_TIMEOUT_MS = 600_000

/** Section 7: defaults of what a node allows; each may be set when the service is made. */
export interface Limits {
  /** requests in flight in each direction of one session */
  inFlight: number
  /** bytes of their frames; 16 full frames */
  inFlightBytes: number
  /** answers that are streams, in each direction of one session */
  streams: number
  /** requests that wait here for their turn to be in flight, and the bytes of their frames */
  waiting: number
  waitingBytes: number
  /** requests being served for all peers together, and the bytes of their frames */
  totalInFlight: number
  totalInFlightBytes: number
  /** bytes of results that have not left: of a session, and of all. No request is taken on a session with more while all have more */
  heldBytes: number
  totalHeldBytes: number
  /** frames and bytes that are taken from one peer in a second, and from all; whoever sends more is read more slowly. The burst is one second's */
  framesPerSecond: number
  bytesPerSecond: number
  totalFramesPerSecond: number
  totalBytesPerSecond: number
  /** answers, pongs and cancels waiting to be written; more means that the peer does not read */
  outgoingFrames: number
  /** sessions open at once; the one idle for longest gives way */
  sessions: number
  /** sessions with one peer while duplicates end */
  sessionsPerPeer: number
  /** deadline of a request that names none */
  requestMs: number
  dialMs: number
  /** from the opened stream to the peer's hello */
  handshakeMs: number
  /** silence before a ping, and from the ping until the peer counts as gone */
  idleMs: number
  pongMs: number
  /** one write may wait this long for the peer to read */
  writeMs: number
  /** a replaced session may take this long to end its requests */
  retireMs: number
  /** a last goodbye may take this long */
  farewellMs: number
  /** this many protocol offences within the window, and the peer is refused for a while */
  offences: number
  offenceWindowMs: number
  refusalMs: number
}

export const DEFAULT_LIMITS: Limits = {
  inFlight: 4_096,
  inFlightBytes: 16 << 20,
  streams: 256,
  waiting: 8_192,
  waitingBytes: 32 << 20,
  totalInFlight: 16_384,
  totalInFlightBytes: 64 << 20,
  heldBytes: 64 << 20,
  totalHeldBytes: 1 << 30,
  framesPerSecond: 50_000,
  bytesPerSecond: 128 << 20,
  totalFramesPerSecond: 100_000,
  totalBytesPerSecond: 256 << 20,
  outgoingFrames: 16_384,
  sessions: 256,
  sessionsPerPeer: 4,
  requestMs: 30_000,
  dialMs: 15_000,
  handshakeMs: 10_000,
  idleMs: 20_000,
  pongMs: 20_000,
  writeMs: 30_000,
  retireMs: 60_000,
  farewellMs: 1_000,
  offences: 5,
  offenceWindowMs: 60_000,
  refusalMs: 300_000,
}

/** With so many requests under way on a session its frames are written once in a turn of the event loop. */
export const BUSY_REQUESTS = 8
/** A peer that is ahead of its rate by less is read on: a timer is no more exact, and what it is ahead adds up. */
export const LEAST_PAUSE_MS = 5
/** After so many milliseconds of reading one peer's frames everything else has its turn. */
export const READ_TURN_MS = 5
/** Frames of one burst are written together up to here: one write costs as much as ten small frames. */
export const WRITE_BATCH_BYTES = 65_536
/** Streams of this protocol on one connection: one in use, the others for duplicates that are ending. */
export const MAX_STREAMS_PER_CONNECTION = 4
/** Peers whose offences are remembered at a time. */
export const MAX_REMEMBERED_OFFENDERS = 1_024
/** A request moves to another session at most this often when its own is being replaced. */
export const MAX_MOVES = 3

/** Section 8: signed call envelopes. */
export const CALL_DOMAIN = 'amigos/call/1\0'
/** A question has a domain of its own: whoever is asked must not be able to have it executed as a call. */
export const QUERY_DOMAIN = 'amigos/query/1\0'
export const NONCE_BYTES = 16
/** What is signed at home may be longer than a frame can carry. */
export const MAX_ARGS_BYTES = 1_048_576
/** An hour: whoever needs longer signs again. */
export const MAX_TTL_MS = 3_600_000
/** Services that call each other in one go: each holds its state until the last has answered. */
export const MAX_CHAIN = 16
export const TREE_BYTES = 32
/** Blocks that say whose key counts for a service: its genesis and one for each time that it moved. */
export const MAX_PROOF_BLOCKS = 64
/** One such block is about 600 bytes; a commit is never longer than this. */
export const MAX_PROOF_BLOCK_BYTES = 65_536
/** Room for such blocks: more moves than fit are to be had by a genesis of one's own, a fork. */
export const MAX_PROOF_BYTES = 131_072
export const MAX_ENVELOPE_BYTES: number = MAX_ARGS_BYTES + MAX_PROOF_BYTES + 4_096
/** The envelope is a flat record of a body in bytes and a signature; its body a record that may hold one more. */
export const MAX_ENVELOPE_DEPTH = 5
export const MAX_ENVELOPE_ELEMENTS: number = 64 + MAX_CHAIN + MAX_PROOF_BLOCKS

/** Section 9: chat messages. */
export const CHAT_DOMAIN = 'amigos/chat/1\0'
/** Unicode code points. */
export const MAX_TEXT_LENGTH = 4_000
/** Four UTF-8 bytes a code point, and the fields around them. */
export const MAX_CHAT_BYTES: number = MAX_TEXT_LENGTH * 4 + 2_048
/** The largest time that a JavaScript Date holds, in milliseconds since 1970. */
export const MAX_TIME_MS = 8_640_000_000_000_000

export const SIGNATURE_BYTES = 64
/** Protobuf of an Ed25519 public key (libp2p peer-ids specification): these four bytes, then 32 of the key. */
export const ED25519_PROTOBUF_PREFIX: readonly number[] = [0x08, 0x01, 0x12, 0x20]
export const ED25519_PROTOBUF_BYTES = 36
