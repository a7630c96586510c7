import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiServer } from '../../daemon/api/server.ts'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import type { ApiServer } from '../../daemon/api/types.ts'
import type { Implementation, NodeStatus, Result } from '../../daemon/api/vocabulary.ts'

export const STATUS: NodeStatus = {
  peerId: '12D3KooWfake',
  user: 'k51fake',
  username: null,
  usernames: [],
  addresses: ['/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWfake'],
  origins: [],
  http: 'http://127.0.0.1:8080',
  home: '/nowhere',
  network: 'amigos',
  pid: process.pid,
  version: '0.0.0',
  release: null,
  uptime: 61,
  peers: 0,
  services: [],
  names: [],
  traffic: { sent: 0, received: 1234 },
}

/** Everybody may do everything, within the usual limits. */
export const RULES: Omit<Result<'describe'>, 'name' | 'service' | 'functions'> = {
  ...{ version: '1.0.0', contract: 'bafycontract', warnings: [] },
  access: { call: 'public', query: 'public', history: 'public', functions: {} },
  limits: { gas: 1e9, memory: 1 << 26, args: 1 << 20, result: 1 << 24, delta: 1 << 25, queue: 1_000 },
}

/** Answers of a daemon that does nothing; what a test needs it gives itself. */
export function fakeImplementation(own: Partial<Implementation>): Implementation {
  const none = async (): Promise<never> => {
    throw new Error('no test expects this call')
  }
  return {
    status: async () => STATUS,
    down: none,
    push: none,
    serve: none,
    publish: none,
    describe: none,
    call: none,
    query: none,
    stream: none,
    subscribe: none,
    head: none,
    log: none,
    show: none,
    state: none,
    diff: none,
    usage: none,
    graph: none,
    fork: none,
    merge: none,
    verify: none,
    upgrade: none,
    rollback: none,
    prune: none,
    pull: none,
    contract: none,
    resolve: none,
    yank: none,
    deprecate: none,
    unpublish: none,
    remove: none,
    network: none,
    register: none,
    networks: none,
    release: none,
    petname: none,
    page: none,
    peers: none,
    ping: none,
    connect: none,
    chat: none,
    inbox: none,
    follow: none,
    following: none,
    key: none,
    ...own,
  }
}

export interface Fixture {
  home: string
  server: ApiServer
  /** what the server logged */
  logged: unknown[]
  end(): Promise<void>
}

export async function makeHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'amigos-api-'))
}

export async function startServer(own: Partial<Implementation> = {}): Promise<Fixture> {
  const home = await makeHome()
  const logged: unknown[] = []
  const log = (_: string, detail: unknown) => logged.push(detail)
  const server = createApiServer({ implementation: fakeImplementation(own), log }, { socketPath: socketPathFor(home) })
  await server.start()
  return {
    home,
    server,
    logged,
    async end() {
      await server.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export interface Raw {
  status: number
  body: { error?: { code: string; message: string; hint: string } }
}

/** A request as a stranger to the client would make it. */
export function raw(
  server: ApiServer,
  options: { path?: string; method?: string; type?: string | undefined; body?: string | Uint8Array; length?: number },
): Promise<Raw> {
  const { path = '/v1/status', method = 'POST', type = 'application/json', body = '{}', length } = options
  const headers = { 'content-type': type, ...(length === undefined ? {} : { 'content-length': length }) }
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ socketPath: server.path, path, method, agent: false, headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      outgoing.destroy()
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) })
    })
    outgoing.once('error', reject)
    if (length === undefined) outgoing.end(body)
    else outgoing.write(body)
  })
}

export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  )
}
