import { MAX_HOME_NODES, MAX_LIFETIME_MS, MAX_RECORD_NODES } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { ipnsKey, signIpns } from '../ipns/record.ts'
import { createSerial } from '../serial.ts'
import type { Memory, RecordNetwork, Signer } from '../types.ts'
import { peerIdOfKey, userIdOf } from '../user-id.ts'
import { type CarrierInit, createCarrier } from './carrier.ts'
import { encodeHome } from './home.ts'
import { encodeKnown, type KnownHome, type KnownNode, newestOf, readKnown } from './known-home.ts'
import { encodeList, summaryOf } from './list.ts'
import { nodeKey, signNodeRecord } from './node-record.ts'
import { isBehind, rankOf } from './rank.ts'
import { homeKey, signHomeRecord } from './record.ts'
import { createSequence } from './sequence.ts'
import type { Home, NodeList, Publication, PutBlock, UserSigner, Validation } from './types.ts'

const OWN_KEY = 'registry/own'

export interface PublisherComponents {
  network: RecordNetwork
  memory: Memory
  validation: Validation
  owner: UserSigner
  node: Signer
  putBlock: PutBlock
  now: () => number
  /** What others know of this node's own user: another node of the same user may have published a home. Undefined if nothing is found. */
  askOthers: (life: AbortSignal) => Promise<KnownHome | undefined>
}

export interface PublisherInit extends CarrierInit {
  networkId: string
  /** @default 48 hours, which is also the most */
  lifetimeMs?: number
}

export interface Publisher {
  /** As Registry.publish, ended by any of the signals. */
  publish(list: NodeList, signals: readonly AbortSignal[]): Promise<Publication>
  /** As Registry.describe. */
  describe(profile: Partial<Pick<Home, 'page' | 'usernames'>>, signals: readonly AbortSignal[]): Promise<void>
  publication(): Publication | undefined
  /** what this node publishes, if anything; after `load` */
  own(): KnownHome | undefined
  /** Reads what was published before; once is enough. */
  load(): Promise<void>
  /** Does what is due, if anything. Resolves to whether there are new records. */
  tick(signal: AbortSignal): Promise<boolean>
  /** Resolves when everything that was begun has ended. */
  idle(): Promise<void>
}

/**
 * Signs and puts the records of one node and, where it has to change, of its user. One thing at a time; no sequence is used twice, not even
 * after a crash.
 */
export function createPublisher(components: PublisherComponents, init: PublisherInit): Publisher {
  const { network, memory, validation, owner, putBlock, now, askOthers } = components
  const { networkId, lifetimeMs = MAX_LIFETIME_MS } = init
  const user = userIdOf(owner.publicKey)
  const peer = peerIdOfKey(components.node.publicKey)
  const carriers = {
    home: createCarrier({ network, now }, homeKey(user), init),
    node: createCarrier({ network, now }, nodeKey(peer), init),
    ipns: createCarrier({ network, now }, ipnsKey(user), init),
  }
  const serial = createSerial()
  let profile: Partial<Pick<Home, 'page' | 'usernames'>> = {}
  let newest: KnownHome | undefined
  let loaded: Promise<void> | undefined

  const mine = (): KnownNode | undefined => newest?.nodes.find(({ record }) => record.node === peer)

  const restore = async (): Promise<void> => {
    const stored = readKnown(await memory.get(OWN_KEY))
    if (stored === undefined || stored.record.user !== user || stored.record.network !== networkId) return
    newest = stored
    await carryHome(stored)
    const node = mine()
    if (node !== undefined) carriers.node.set(node.recordBytes, node.record)
  }
  const load = (): Promise<void> => {
    loaded ??= restore()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }

  /** The same as IPNS, whose names know no change of keys: after one, whoever has the old key could say anything under it. */
  const carryHome = async ({ recordBytes, record }: KnownHome): Promise<void> => {
    carriers.home.set(recordBytes, record)
    if (owner.links().length > 0 || record.keys.length > 1) return carriers.ipns.clear()
    const bytes = await signIpns(owner, record.home, record.seq, record.expires).catch(() => undefined)
    const isGood = bytes && (await validation.acceptIpns(ipnsKey(user), bytes).catch(() => undefined))
    if (isGood) carriers.ipns.set(bytes, record)
  }

  /** On disk first; what is put anew is only what changed. */
  const take = async (known: KnownHome): Promise<void> => {
    const before = { home: newest?.recordBytes, node: mine()?.recordBytes }
    await memory.put(OWN_KEY, encodeKnown(known))
    newest = known
    const node = mine()
    if (known.recordBytes !== before.home) await carryHome(known)
    if (node !== undefined && node.recordBytes !== before.node) carriers.node.set(node.recordBytes, node.record)
  }

  const takeSequence = createSequence(components, `${OWN_KEY}/seq`)
  const terms = async (id: string) => {
    const issued = now()
    return { network: networkId, seq: await takeSequence(id), issued, expires: issued + lifetimeMs }
  }

  /** @param nodes what is known of those that speak for the user */
  const signHome = async (home: Home, nodes: readonly KnownNode[]): Promise<void> => {
    const { cid, bytes: homeBytes } = encodeHome(home)
    await putBlock(homeBytes, cid)
    const asked = [peer, ...home.nodes.filter((other) => other !== peer)].slice(0, MAX_RECORD_NODES)
    const recordBytes = await signHomeRecord(owner, { ...(await terms(user)), home: cid, nodes: asked })
    // Our own judge first: peers refuse what it refuses, and from here on it refuses to be rolled back
    const record = await validation.acceptHome(homeKey(user), recordBytes)
    await take({ record, recordBytes, home, homeBytes, nodes })
  }

  const signNode = async (list: NodeList): Promise<void> => {
    const { cid, bytes: listBytes } = encodeList(list)
    await putBlock(listBytes, cid)
    const fields = { ...(await terms(peer)), list: cid }
    const recordBytes = await signNodeRecord(components.node, owner.publicKey, fields)
    const record = await validation.acceptNode(nodeKey(peer), recordBytes)
    await take(newestOf(newest, { ...newest!, nodes: [{ record, recordBytes, list, listBytes }] }))
  }

  /** The home as it should be: what it was, with this node in it. */
  const wantedHome = (base: KnownHome | undefined): Home => {
    const { nodes = [], page = null, usernames = [] } = base?.home ?? {}
    const all = nodes.includes(peer) ? nodes : [...nodes, peer]
    if (all.length > MAX_HOME_NODES) throw tooManyNodes()
    return { nodes: all, page, usernames, ...profile }
  }

  /** Takes over what another node of the same user published, and signs a home if that is not as it should be. */
  const ensureHome = async (signals: readonly AbortSignal[]): Promise<void> => {
    const highest = (await validation.highest(user)) ?? { rotations: 0, seq: 0 }
    const isOutrun = newest === undefined || isBehind(rankOf(newest.record), highest)
    const found = isOutrun && network.size() > 0 ? await askOthers(AbortSignal.any([...signals])) : undefined
    const base = found === undefined ? newest : newestOf(newest, found)
    const wanted = wantedHome(base)
    const rank = base === undefined ? { rotations: 0, seq: 0 } : rankOf(base.record)
    const changes = owner.links().length
    const isCurrent = base !== undefined && encodeHome(wanted).cid.equals(base.record.home)
    const isToSign = !isCurrent || isBehind(rank, highest) || rank.rotations < changes || isRunningOut(base)
    // another node changed the key: it renews the home, and this one goes on as long as it is in it
    const isOutdated = Math.max(rank.rotations, highest.rotations) > changes
    if (isOutdated && !base?.home.nodes.includes(peer)) throw outdated()
    // a home from elsewhere may not have named this node
    const own = mine()
    const nodes = [...(base?.nodes ?? []).filter(({ record }) => record.node !== peer), ...(own ? [own] : [])]
    if (isToSign && !isOutdated) await signHome(wanted, nodes)
    else if (base !== undefined && base !== newest) await take({ ...base, nodes })
  }

  const isRunningOut = (known: KnownHome): boolean => known === newest && carriers.home.due() === 'sign'

  const publication = (): Publication | undefined => {
    const node = mine()
    if (newest === undefined || node === undefined) return undefined
    const { record, home } = newest
    return { record, home, node: node.record, list: node.list, ...carriers.node.state() }
  }

  const putDue = async (signals: readonly AbortSignal[]): Promise<void> => {
    const due = Object.values(carriers).filter((carrier) => carrier.isToPut() || network.size() === 0)
    await Promise.all(due.map((carrier) => carrier.put(signals)))
  }

  return {
    load,
    own: () => newest,
    publication,

    publish(given, signals) {
      const services = given.services.map((one) => ({ ...one, description: summaryOf(one.description) }))
      const versions = given.versions.map((one) => ({
        ...one,
        deprecated: one.deprecated === null ? null : summaryOf(one.deprecated),
      }))
      const list = { services, versions }
      encodeList(list) // refused before anything is done
      return serial(user, async () => {
        for (const signal of signals) signal.throwIfAborted()
        await load()
        await ensureHome(signals)
        await signNode(list)
        await putDue(signals)
        return publication()!
      })
    },

    describe: (changes, signals) =>
      serial(user, async () => {
        await load()
        profile = { ...profile, ...changes }
        if (newest === undefined) return
        await ensureHome(signals)
        await putDue(signals)
      }),

    tick: (signal) =>
      serial(user, async () => {
        await load()
        const [node, before] = [mine(), newest]
        if (before === undefined || node === undefined || signal.aborted) return false
        const highest = await validation.highest(user)
        const isOutrun = highest !== undefined && isBehind(rankOf(before.record), highest)
        if (isOutrun || carriers.home.due() === 'sign') await ensureHome([signal])
        if (carriers.node.due() === 'sign') await signNode(node.list)
        await putDueOnNetwork(signal)
        return newest !== before
      }),

    idle: () => serial(user, async () => {}),
  }

  async function putDueOnNetwork(signal: AbortSignal): Promise<void> {
    if (network.size() > 0) await putDue([signal])
  }
}

function outdated(): RegistryError {
  return new RegistryError(
    'KEY_OUTDATED',
    'The key of this user was changed on another node, so this one can no longer sign the home.',
    'copy user.links and the user-N.key files from there, or publish from there once more',
  )
}

function tooManyNodes(): RegistryError {
  return new RegistryError(
    'HOME_INVALID',
    `This user's home names ${MAX_HOME_NODES} nodes already.`,
    'a user has so many at most: start one that is among them, or use another user key',
  )
}
