import type { CID } from 'multiformats/cid'

/** What the hub answers about a name. */
export interface HubAnswer {
  /** a name record, signed by as many as the manifest requires; null: nobody has the name, and nobody had it lately */
  record: Uint8Array | null
  /** the service that is the book */
  book: CID
}

/** The hub of the network, whether it is this node or another. */
export interface Hub {
  /** peer ID */
  readonly peer: string
  /** @throws CallsError HUB_UNREACHABLE, WITNESSES_MISSING; RegistryError about its answer */
  nameOf(username: string, options: { signal: AbortSignal }): Promise<HubAnswer>
}
