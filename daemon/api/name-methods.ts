/** The methods of the local API about usernames and networks. */
import type { HubProof, KnownNetwork, ReleaseStatus } from './name-words.ts'

export interface NameMethods {
  /** @param user for `transfer`: who is to have it */
  register: {
    params: { username: string; action?: 'register' | 'renew' | 'transfer' | 'release'; user?: string }
    result: {
      username: string
      /** the user's page: `alice.amigos.net` */
      name: string
      /** user ID of who has it now; null: nobody */
      key: string | null
      /** until when the book holds it */
      expires: string | null
      /** peer ID of the hub */
      registrar: string
      /** how many have signed the record beside the hub */
      witnesses: number
      /** nodes that stored it */
      seenBy: number
    }
  }
  /** Without `name` it lists them; without `user` it tells one, or removes it. */
  petname: {
    params: { name?: string; user?: string; remove?: boolean }
    result: {
      petnames: {
        username: string
        /** user ID */
        key: string
        /** it holds only here, for good, and nobody certifies it */
        expires: null
        registrar: null
      }[]
    }
  }
  /** What this user's page is made from; with `name` it is what that stands for from now on, with `remove` nothing. */
  page: {
    params: { name?: string; remove?: boolean }
    /** `name`: what the user is called; `page`: a CID */
    result: { name: string; page: string | null }
  }
  /** The newest release of Amigos that the hub knows of. @param version on the hub: what it is from now on */
  release: { params: { version?: string }; result: ReleaseStatus }
  /** Other networks that this node knows: all, or one that is added by its invite or removed. */
  networks: {
    params: { add?: string; as?: string; remove?: string }
    result: { networks: KnownNetwork[] }
  }
  network: {
    params: Record<string, never>
    result: {
      /** CID of its manifest */
      network: string
      name: string
      suffix: string
      bootstrap: string[]
      /** peer IDs: the hub, then its witnesses */
      registrars: string[]
      /** how many witnesses have to sign a name record */
      required: number
      created: string
      /** what this node is to its usernames */
      role: 'hub' | 'witness' | null
      /** where its nodes can be found at present, as the invite says */
      addresses: string[]
      /** one line with which others join */
      invite: string
      /** of a witness: what proves that the hub lied */
      proofs: HubProof[]
    }
  }
}
