/** What a daemon is started with, and what it says of itself. */

export interface DaemonOptions {
  /** absolute path of the data folder */
  home: string
  /** multiaddrs; empty: the usual ports */
  listen: string[]
  /** multiaddrs that end in /p2p/PEERID */
  bootstrap: string[]
  /** port of the page; 0: any free one; undefined: the usual one, or any if that is taken */
  http: number | undefined
  /** origins of programs in browsers that may ask this node from now on, like `http://localhost:5173`; kept in the data folder. @default no more than before */
  origins?: readonly string[]
  /** origins that may no longer, or `all`. @default none */
  forbidOrigins?: readonly string[]
  offline: boolean
  /** an invite to a network, or its manifest as JSON. @default that of the data folder, else the built-in one */
  network?: string
  /** this node writes the network's book of usernames. @default false */
  hub?: boolean
  /** others may be reached through this node. @default false */
  relay?: boolean
  /** how commands are typed here, for the page; @default amigo */
  command?: string
  /** one line of the daemon's log */
  log: (line: string) => void
}

export interface DaemonInfo {
  peerId: string
  user: string
  addresses: string[]
  /** URL of the page */
  http: string
  home: string
  network: string
  pid: number
  /** of programs in browsers that may ask this node */
  origins: string[]
}

export interface Daemon {
  info: DaemonInfo
  /** resolves when it has stopped, for whatever reason */
  stopped: Promise<void>
  /** Stops in reverse order of the start; idempotent. */
  stop(): Promise<void>
}
