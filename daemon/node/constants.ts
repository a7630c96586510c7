/** The numbers of the node, each with its reason. */

const KIB: number = 1024
export const MIB: number = 1024 * KIB

/** Ports of a personal node, so that its address stays the same from day to day; any free one when they are taken. */
export const DEFAULT_TCP_PORT: number = 4150
export const DEFAULT_WS_PORT: number = 4151
export const DEFAULT_HTTP_PORT: number = 4152
/** listeners whose ports are kept, of all that were ever asked for */
export const MAX_REMEMBERED_PORTS = 16

/** Yamux: the window must be below the read buffer, or a paused stream is reset instead of held back. */
export const STREAM_WINDOW_BYTES: number = 1 * MIB
/** A message on a connection is written in one piece up to this size, in bytes: beyond it copying takes longer than another write. */
export const JOINED_BYTES_MAX: number = 16 * 1024
export const STREAM_READ_BUFFER_BYTES: number = 4 * MIB
/** What may wait to be sent on one stream: the largest message that is written at once, which may be 4 MiB, and room around it. */
export const STREAM_WRITE_BUFFER_BYTES: number = 5 * MIB
/** The same of a whole connection. Pings are answered and windows opened whether or not the peer reads. */
export const CONNECTION_WRITE_BUFFER_BYTES: number = 8 * MIB
/** A header of Yamux, 12 bytes: a frame is longer than its window by this much. */
export const YAMUX_HEADER_BYTES: number = 12

/** Streams per connection each way; the library's own limit of 1,000 times a 4 MiB buffer bounds nothing. */
export const MAX_STREAMS_PER_CONNECTION: number = 256
/** Streams of one connection that have not said their protocol yet, and how long they may take to. */
export const MAX_NAMELESS_STREAMS: number = 64
export const NEGOTIATION_MS: number = 5_000
/** Streams that come before anybody could take them, from a peer that has much to ask; more end the connection. */
export const MAX_EARLY_STREAMS: number = 64
/** Streams of one protocol, on one connection and each way; no protocol is registered with more. */
export const MAX_STREAMS_PER_PROTOCOL: number = 64
export const MAX_DHT_STREAMS_IN: number = 32
/** One stays open each way; another may be on its way in or out. */
export const MAX_GOSSIP_STREAMS: number = 4

/** A small connection budget: a home router forgets connections beyond a few hundred. */
export const MAX_CONNECTIONS: number = 200
/** With one peer: both dialled at once, over a relay and directly. */
export const MAX_CONNECTIONS_PER_PEER: number = 4
/**
 * Inbound connections: how many one address may open a second, how long each may take to say who it is, and how many may be
 * about that at a time. One address alone can thus never hold all the places: 30 × 5 s are 150 of 256.
 */
export const INBOUND_CONNECTIONS_PER_SECOND: number = 30
export const INBOUND_UPGRADE_MS: number = 5_000
export const MAX_PENDING_INBOUND: number = 256

/** A WebSocket frame carries one Noise message of at most 64 KiB; `ws` alone would take 100 MiB from anybody. */
export const MAX_WEBSOCKET_FRAME_BYTES: number = 256 * KIB
/** How long a connection to the WebSocket port may stay without a byte. */
export const FIRST_BYTE_MS: number = 5_000

export const DIAL_TIMEOUT_MS: number = 10_000
/** Dials at a time, those that wait for their turn, addresses that are tried of one peer, and lost peers redialled by libp2p itself. */
export const MAX_PARALLEL_DIALS: number = 32
export const MAX_WAITING_DIALS: number = 256
export const MAX_ADDRESSES_PER_DIAL: number = 16
export const MAX_PARALLEL_RECONNECTS: number = 4

/** Peers that are banned at a time, and the longest that one may be: who is banned for good only makes a new identity. */
export const MAX_BANNED_PEERS: number = 1_024
export const MAX_BAN_MS: number = 3_600_000

/** A lone node asks again soon; kad-dht's own five minutes leave it alone for five minutes. */
export const DHT_SELF_QUERY_MS: number = 30_000
export const DHT_INITIAL_SELF_QUERY_MS: number = 100

/** A seed that is down at start, or restarts later, is dialled again: libp2p's bootstrap module tries once. */
export const REDIAL_FIRST_MS: number = 1_000
export const REDIAL_MAX_MS: number = 30_000
/** A peer that is needed is dialled again: the longest that the first pause and any may take, and how often. 6 minutes in all. */
export const RECONNECT_FIRST_MS: number = 250
export const RECONNECT_MAX_MS: number = 30_000
export const RECONNECT_TRIES: number = 18
/** How long a peer is needed after it was asked something, and after its user connected to it or looked up a service of it. */
export const NEEDED_MS: number = 5 * 60_000
export const CONTACT_MS: number = 60 * 60_000
/** Peers that are needed at a time, as far as this node remembers. */
export const MAX_KEPT_PEERS: number = 64

/** Peers that are remembered across a restart, and the addresses of each; what is new is written down after so many milliseconds. */
export const MAX_REMEMBERED_PEERS: number = 32
export const MAX_REMEMBERED_ADDRESSES: number = 4
export const REMEMBER_MS: number = 1_000
/** They are dialled so many at a time, until there are so many connections; after a while if there are bootstrap peers to answer first. */
export const REJOIN_AT_ONCE: number = 4
export const REJOIN_ENOUGH: number = 8
export const REJOIN_AFTER_MS: number = 2_000
/** Pauses between rounds, doubled up to the longest, as long as nobody answers. */
export const REJOIN_FIRST_MS: number = 1_000
export const REJOIN_MAX_MS: number = 30_000

/** How long a node waits at its start for a place at a relay before it goes on without and tries again, in milliseconds. */
export const RELAY_FIRST_MS: number = 5_000
/** A relay holds places for so many nodes, for so long unless they are renewed (the library does: five minutes before). */
export const MAX_RESERVATIONS: number = 128
export const RESERVATION_MS: number = 2 * 60 * 60_000
/**
 * What passes through a relay: so many conversations at a time, each for so long and so many bytes both ways together; then it ends, and
 * whoever still needs it opens another.
 */
export const MAX_CIRCUITS: number = 256
export const CIRCUIT_MS: number = 60 * 60_000
export const CIRCUIT_BYTES: number = 256 * MIB
/** Conversations that one node may begin through one relay at a time; those that it may be begun with are MAX_STREAMS_PER_PROTOCOL. */
export const MAX_CIRCUITS_PER_PEER: number = 32

/** Largest block that is fetched, kept or served (bitswap's own message limit is 4 MiB). */
export const MAX_BLOCK_BYTES: number = 1 * MIB
/** What is given away without being kept: a state has 16 MiB of text at most, so the last one that was shown is there, and some before it. */
export const PASSING_BYTES: number = 32 * MIB
/** What bitswap reads at a time of what one peer wants: eight of the largest blocks; and how long the peer may take for that. */
export const ANSWER_BYTES: number = 8 * MIB
export const ANSWER_TIMEOUT_MS: number = 60_000
/**
 * The largest message of bitswap that is sent: one of the largest blocks, and room around it. The library that receives it ends the
 * stream when a message takes more than ten seconds.
 */
export const BITSWAP_MESSAGE_BYTES: number = MAX_BLOCK_BYTES + 64 * KIB
/** And the largest that is taken, which is what others send at most. */
export const BITSWAP_MESSAGE_BYTES_IN: number = 4 * MIB
/** Budget of one fetched DAG: blocks and bytes. 64 MiB of memory are 16,384 pages; the rest is history. */
export const MAX_FETCH_BLOCKS: number = 200_000
export const MAX_FETCH_BYTES: number = 512 * MIB
/** Connected peers that a fetch asks when nobody says who has the content. */
export const MAX_SESSION_PEERS: number = 8
/** Blocks wanted at the same time within one session: more only fills the other side's want list. */
export const FETCH_CONCURRENCY: number = 64
/**
 * What should be on its way within one session, by the mean size of what came, and the size that is expected at first: with 64 of the
 * largest blocks under way, a link below 4 MiB a second would bring the last one after its deadline.
 */
export const FETCH_BYTES_UNDER_WAY: number = 4 * MIB
export const FETCH_FIRST_BYTES: number = 512 * KIB
/** A block that a provider announces and then withholds hangs a bitswap session: give each its own deadline. */
export const BLOCK_TIMEOUT_MS: number = 15_000

/** A gossipsub message carries an announcement, never a body. */
export const MAX_GOSSIP_BYTES: number = 64 * KIB
/** Announcements that wait for one peer to read them: 16 of the largest. */
export const MAX_GOSSIP_WAITING_BYTES: number = 1 * MIB

/** How long `connect` waits for the DHT to take notice of a peer it has connected to, in milliseconds. */
export const KNOWN_WAIT_MS: number = 2_000

/** How long one announcement to the DHT may take, in milliseconds. */
export const ANNOUNCE_TIMEOUT_MS: number = 60_000
/** Announcements that wait for somebody to hear them; the oldest goes when there are more. */
export const MAX_PENDING_ANNOUNCEMENTS: number = 10_000

/** Nodes on other networks that run at a time, and how long one runs that nobody needs, in milliseconds: each is a libp2p node and a database. */
export const MAX_VISITS = 4
export const VISIT_IDLE_MS: number = 10 * 60_000
/** How long a network that was out of reach is not tried again for a service that imports from there, in milliseconds; and networks of which this is known. */
export const VISIT_AGAIN_MS = 10_000
export const MAX_MISSED_NETWORKS = 64
/** How long one address of another network may take, in milliseconds. */
export const VISIT_DIAL_MS = 5_000
/** How long all of them may take, in milliseconds: longer than a call waits, for the next one will find it there. */
export const VISIT_START_MS = 40_000
