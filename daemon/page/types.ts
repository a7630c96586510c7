/** What the page shows: the slice of the daemon that it needs. */

export interface PageService {
  name: string
  service: string
  contract: string
  version: string
  description: string
  commit: string
  seq: number
  trust: string
  /** `~k51.../name` once published */
  published?: string
}

export interface PageFunction {
  name: string
  kind: 'call' | 'query'
  /** `(name: string, text: string): number`, the author's words */
  signature: string
  /** arguments that it takes, as they are typed in a shell: `'text' 1`; empty if it needs none */
  example: string
  doc: string
}

export interface PageNode {
  peerId: string
  user: string
  username: string | null
  /** how its commands are typed: `amigo`, or `npx amigo` in a checkout */
  command: string
  network: string
  addresses: string[]
  /** seconds */
  uptime: number
  peers: { peerId: string; address: string }[]
}

export interface PageSource {
  node(): Promise<PageNode>
  services(): Promise<PageService[]>
  /** undefined if this node has no such service */
  functions(name: string): Promise<PageFunction[] | undefined>
  /** Markdown by the contract's `render(path)`, path beginning with a slash; undefined if it exports none. Rejects with a coded error if it fails. */
  render(name: string, path: string, options: { signal: AbortSignal }): Promise<string | undefined>
}
