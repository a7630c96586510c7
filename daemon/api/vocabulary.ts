/**
 * The words of the local API: every method with its parameters and its answer, as plain JSON. The daemon serves them, the
 * command line and other local programs speak them; neither knows more of the other. See specs/api.md.
 *
 * CIDs, peer IDs and user IDs are strings, times are ISO 8601, gas, seq and sizes are numbers.
 */

/** A value in the JSON encoding of specs/values.md. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a method may be told besides its parameters. */
export interface Patience {
  /** how long the caller is willing to wait, in milliseconds; @default 30000 */
  timeoutMs?: number
}

export interface ServiceSummary {
  /** `local.land/_/NAME` without the prefix */
  name: string
  service: string
  contract: string
  version: string
  commit: string
  seq: number
  description: string
  trust: string
  url: string
  /** how it is reached from other nodes, once published */
  published?: string
}

export interface NodeStatus {
  peerId: string
  /** user ID, `k51...` */
  user: string
  /** null until the user has a registered name */
  username: string | null
  addresses: string[]
  http: string
  home: string
  network: string
  pid: number
  version: string
  /** seconds */
  uptime: number
  peers: number
  services: ServiceSummary[]
  /** what this user publishes: age and expiry, so that falling behind is visible */
  names: { name: string; published: string; expires: string; seenBy: number }[]
  traffic: { sent: number; received: number }
}

export interface FunctionSummary {
  name: string
  kind: 'call' | 'query'
  params: { name: string; type: Json; text: string; optional: boolean; rest: boolean }[]
  returns: string
  doc: string
}

/** A contract as the command line hands it to the daemon: compiled there, stored here. */
export interface ContractUpload {
  /** the root block first; each block in base64 */
  blocks: { cid: string; bytes: string }[]
}

export interface ChatMessage {
  id: string
  from: string
  to: string
  room: string | null
  time: string
  text: string
  /** `refused`: it was not taken and will not be sent again */
  state: 'queued' | 'sent' | 'delivered' | 'read' | 'received' | 'refused'
  /** why it was refused, in the words of the receiver's node; TIMED_OUT if that was not to be found for a month */
  code?: string
}

/** method name: parameters and answer */
export interface Methods {
  status: { params: Record<string, never>; result: NodeStatus }
  down: { params: Record<string, never>; result: { stopped: true } }
  push: { params: { contract: ContractUpload }; result: { contract: string; size: number; blocks: number } }
  serve: {
    params: { contract: ContractUpload; as?: string; init?: Json }
    result: {
      name: string
      service: string
      contract: string
      commit: string
      url: string
      upgraded: boolean
      warnings: string[]
    }
  }
  publish: {
    params: { contract: ContractUpload; as?: string; version?: string; init?: Json }
    result: {
      name: string
      version: string
      service: string
      contract: string
      commit: string
      url: string
      seenBy: number
      warnings: string[]
    }
  }
  describe: { params: { name: string }; result: { name: string; service: string; functions: FunctionSummary[] } }
  call: {
    params: { name: string; method: string; args: Json[]; gas?: number }
    result: {
      result: Json
      gas: number
      commit: string
      seq: number
      service: string
      receipt: Json
      host: string
      ms: number
      logs: string[]
    }
  }
  query: {
    params: { name: string; method: string; args: Json[]; at?: string; gas?: number }
    result: {
      result: Json
      gas: number
      commit: string
      seq: number
      ms: number
      /** who answered: the host, or a copy on this node, and how far its state is trusted */
      host: string
      trust: string
      logs: string[]
    }
  }
  pull: {
    params: { name: string }
    result: {
      contract: string
      service: string | null
      commit: string | null
      trust: string
      blocks: number
      bytes: number
      ms: number
      files: { path: string; bytes: string }[]
    }
  }
  resolve: {
    params: { name: string }
    result: {
      name: string
      kind: string
      peerId?: string
      service?: string
      contract?: string
      version?: string
      source: string
      age: number
      expires: string | null
    }
  }
  peers: {
    params: Record<string, never>
    result: {
      peers: { peerId: string; addresses: string[]; direction: string; connectedAt: string; internode: boolean }[]
    }
  }
  connect: { params: { address: string }; result: { peerId: string; address: string; ms: number } }
  chat: {
    params: { to: string; text: string }
    result: { id: string; to: string; state: ChatMessage['state']; code?: string }
  }
  inbox: {
    params: {
      /** those that this answer holds */
      markRead?: boolean
      /** the newest so many. @default 100 */
      limit?: number
      /** only what came before the message with this ID */
      before?: string
      /** only what was said with this user or node */
      with?: string
    }
    /** oldest first, in the order in which this node learned of them; `more`: there are older ones */
    result: { messages: ChatMessage[]; more: boolean }
  }
}

export type Method = keyof Methods
export type Params<M extends Method> = Methods[M]['params'] & Patience
export type Result<M extends Method> = Methods[M]['result']

/** What a failed request answers, and what `--json` prints. */
export interface ApiFailure {
  error: { code: string; message: string; hint: string }
}

/** Methods as the daemon implements them; `signal` aborts when the patience of the caller ends or the daemon stops. */
export type Implementation = {
  [M in Method]: (params: Params<M>, options: { signal: AbortSignal }) => Promise<Result<M>>
}
