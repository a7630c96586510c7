/** Tells the hosts of what this node's published services import that they do: the method `imports` of specs/internode.md, section 12. */
import type { Internode } from '../../../protocol/types.ts'
import type { ListedService, Registry } from '../../../registry/home/types.ts'
import { isElsewhere } from '../../contract/import-names.ts'
import type { ContractImport } from '../../contract/types.ts'
import { drain } from '../../node/drain.ts'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Resolve } from '../names/resolve.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import { placeOf } from '../tree/abroad.ts'
import type { Identity } from '../types.ts'
import {
  ANNOUNCE_AGAIN_MS,
  ANNOUNCE_AT_ONCE,
  ANNOUNCE_MS,
  ANNOUNCE_SETTLE_MS,
  ANNOUNCE_SLACK_MS,
  GRAPH_RESOLVE_MS,
  MAX_ANNOUNCE_AGAIN_MS,
  MAX_ANNOUNCEMENTS,
} from './constants.ts'

export interface AnnouncerParts {
  identity: Pick<Identity, 'peerId' | 'user' | 'network'>
  registry: Pick<Registry, 'publication' | 'ownRecord'>
  history: Pick<History, 'head'>
  contracts: Pick<Contracts, 'load' | 'root'>
  executedBefore: Pick<ExecutedBefore, 'hosts'>
  resolve: Resolve
  internode: Pick<Internode, 'request'>
}

export interface Announcer {
  /** Something was published, or renewed. Returns at once; never throws. */
  published(): void
  /** A peer is there: if it was out of reach before, it is told now. */
  met(peer: string): void
  stop(): void
}

/** One host is to be told of one service. */
interface Announcement {
  host: string
  listed: ListedService
}

export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { identity, registry, history, contracts, executedBefore, resolve, internode } = parts
  const stopping = new AbortController()
  /** until when it counts what a host was told of a service with a contract */
  let told = new Map<string, number>()
  /** hosts that were not reached in the last round */
  const missed = new Set<string>()
  let running = false
  let again = false
  let pause = ANNOUNCE_AGAIN_MS
  let timer: NodeJS.Timeout | undefined

  const keyOf = ({ host, listed }: Announcement): string => `${host} ${listed.service} ${listed.contract}`

  /** @throws what a name is refused with */
  const hostOf = async (pin: ContractImport, signal: AbortSignal): Promise<string | undefined> => {
    if (pin.mode === 'code') {
      const target = await resolve(`${pin.name}@${pin.contract}`, { signal, code: true })
      return 'host' in target ? target.host : undefined
    }
    const target = await resolve(`${pin.name}@${pin.range}`, { signal })
    // under that name there is another service now, which nobody imports
    return target.kind === 'service' && target.service.equals(pin.service) ? target.host : undefined
  }

  /** Which hosts to tell of one service; names that lead nowhere now are tried again. */
  const hostsOf = async (listed: ListedService): Promise<{ hosts: Set<string>; isWhole: boolean }> => {
    const hosts = new Set<string>()
    let isWhole = true
    const { imports, manifest } = await contracts.load(listed.contract)
    const look = async (pin: ContractImport): Promise<void> => {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(GRAPH_RESOLVE_MS)])
      try {
        const host = await hostOf(pin, signal)
        if (host !== undefined && host !== identity.peerId) hosts.add(host)
      } catch {
        isWhole = false
      }
    }
    const queue = imports.flatMap((pin) => {
      const { name, abroad } = placeOf(pin.name, manifest, identity.network)
      // names of this node alone lead to nobody else, and other networks are not told
      return abroad !== undefined || name.startsWith('local.land/') || isElsewhere(name) ? [] : [{ ...pin, name }]
    })
    await drain(queue, look, () => ANNOUNCE_AT_ONCE)
    return { hosts, isWhole }
  }

  const announce = async ({ host, listed: { service, contract } }: Announcement): Promise<void> => {
    const head = await history.head(service)
    if (!head?.hosted) return
    const body = {
      ...{ user: identity.user, record: registry.ownRecord() ?? null, service },
      ...(await executedBefore.hosts(service, head.epoch)),
      contract: await contracts.root(contract),
    }
    await internode.request(host, 'imports', body, { signal: stopping.signal, timeoutMs: ANNOUNCE_MS })
  }

  /** Whether everybody knows. */
  const round = async (): Promise<boolean> => {
    const publication = registry.publication()
    if (publication === undefined) return true
    const expires = Math.min(publication.record.expires, publication.node.expires)
    const due: Announcement[] = []
    const still = new Map<string, number>()
    let isWhole = true
    for (const listed of publication.list.services) {
      const found = await hostsOf(listed).catch(() => undefined)
      isWhole &&= found?.isWhole ?? true
      for (const host of found?.hosts ?? []) {
        const one = { host, listed }
        const until = told.get(keyOf(one))
        if (until !== undefined && until >= expires - ANNOUNCE_SLACK_MS) still.set(keyOf(one), until)
        else if (due.length < MAX_ANNOUNCEMENTS) due.push(one)
      }
    }
    told = still
    missed.clear()
    const tell = async (one: Announcement): Promise<void> => {
      try {
        await announce(one)
        told.set(keyOf(one), expires)
      } catch (error) {
        // one that knows of no such method will not learn it
        if ((error as { code?: string }).code === 'UNKNOWN_METHOD') told.set(keyOf(one), expires)
        else missed.add(one.host)
      }
    }
    await drain(due, tell, () => ANNOUNCE_AT_ONCE)
    return isWhole && missed.size === 0
  }

  const schedule = (ms: number): void => {
    if (stopping.signal.aborted) return
    clearTimeout(timer)
    timer = setTimeout(() => void run(), ms).unref()
  }

  const run = async (): Promise<void> => {
    if (running) {
      again = true
      return
    }
    running = true
    again = false
    const isDone = await round().catch(() => false)
    running = false
    if (again) schedule(ANNOUNCE_SETTLE_MS)
    else if (isDone) pause = ANNOUNCE_AGAIN_MS
    else {
      schedule(pause)
      pause = Math.min(2 * pause, MAX_ANNOUNCE_AGAIN_MS)
    }
  }

  return {
    published() {
      pause = ANNOUNCE_AGAIN_MS
      schedule(ANNOUNCE_SETTLE_MS)
    },
    met(peer) {
      if (missed.has(peer)) schedule(ANNOUNCE_SETTLE_MS)
    },
    stop() {
      stopping.abort(new Error('this node is stopping'))
      clearTimeout(timer)
    },
  }
}
