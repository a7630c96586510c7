/** What the local API says of usernames. Times are ISO 8601. */

/** A username of this node's user, as the network knows it. */
export interface OwnUsername {
  username: string
  /** `alice.amigos.net` */
  name: string
  /** of the record, which the node renews by itself */
  issued: string
  expires: string
  /** when other nodes last stored it, and how many */
  published: string
  seenBy: number
}

/** A name record, as it was signed. */
export interface ProvenName {
  username: string
  /** user ID */
  user: string
  seq: number
  issued: string
  expires: string
  /** the service that is the book, and the commit of it that says so */
  book: string
  commit: string
  /** peer ID of the hub */
  registrar: string
  /** how many signed beside the hub */
  witnesses: number
  /** where the record came from, and how old it is, in milliseconds */
  source: string
  age: number
}

/** A proof that the hub lied, found here. */
export interface HubProof {
  time: string
  code: string
  why: string
  /** the name record that it signed, in base64 */
  record: string
  /** commits that contradict each other */
  commits: string[]
}

/** Which release this is, and which is the newest that the hub of the network told of. */
export interface ReleaseStatus {
  running: string
  /** null if the network has no hub, or it said nothing yet */
  newest: {
    version: string
    isNewer: boolean
    issued: string
    /** milliseconds */
    age: number
    /** what it said has expired: it was not reached for two days */
    stale: boolean
    /** peer ID of the hub */
    registrar: string
  } | null
}

/** Another network that this node knows by a name: `NAME.land/alice/forum`. */
export interface KnownNetwork {
  /** what it is called here */
  name: string
  /** its ID */
  network: string
  /** what its manifest calls it */
  title: string
  suffix: string
  registrars: string[]
  addresses: string[]
}
