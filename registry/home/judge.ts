/** Judges what somebody says of a user: nothing of it is believed that the user's and the nodes' keys do not vouch for. */
import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { equalBytes } from '../codec.ts'
import { MAX_HOME_NODES } from '../constants.ts'
import { codeOf } from '../errors.ts'
import { blockLink } from './block.ts'
import { decodeHome } from './home.ts'
import type { KnownHome, KnownNode } from './known-home.ts'
import { decodeList } from './list.ts'
import { decodeNodeRecord, nodeKey } from './node-record.ts'
import { homeKey } from './record.ts'
import type { Home, HomeAnswer, NodeList, NodeRecord, Validation } from './types.ts'

export interface Judged {
  known: KnownHome
  /** node records whose lists were not sent */
  missing: { record: NodeRecord; bytes: Uint8Array }[]
}

/**
 * What is known of a user after an answer: the newest of what was known before and of what is said now. Whoever is behind with the home may
 * still say the newest of a node that the newer home names, itself above all.
 *
 * @param before what was known, if anything
 * @returns undefined if nothing in the answer is of use
 * @throws {RegistryError} if the home record is refused, or the home is not there or not valid
 */
export async function judgeAnswer(
  user: string,
  answer: HomeAnswer,
  before: KnownHome | undefined,
  validation: Validation,
): Promise<Judged | undefined> {
  if (answer.record === null) return undefined
  const base = await judgeHome(user, answer.record, answer.home, before, validation)
  if (base === undefined) return undefined
  const judged: Judged = { known: base, missing: [] }
  let useful = base === before ? 0 : 1
  for (const said of answer.nodes.slice(0, MAX_HOME_NODES)) {
    if (await judgeNode(said, judged, validation)) useful++
    // a long list takes some 20 ms to read: others have their turn before the next one
    await setImmediate()
  }
  return useful > 0 ? judged : undefined
}

/** The home as it is now: what was known, if what is said is older. Undefined if its block is not there. */
async function judgeHome(
  user: string,
  recordBytes: Uint8Array,
  block: Uint8Array | null,
  before: KnownHome | undefined,
  validation: Validation,
): Promise<KnownHome | undefined> {
  try {
    const record = await validation.acceptHome(homeKey(user), recordBytes)
    const known = before && { cid: before.record.home, bytes: before.homeBytes }
    const homeBytes = blockOf(record.home, block, known)
    if (homeBytes === undefined) return undefined
    const home = decodeHome(homeBytes)
    return certifiedBy(home, { record, recordBytes, home, homeBytes, nodes: before?.nodes ?? [] })
  } catch (error) {
    if (before !== undefined && BEHIND.has(codeOf(error) ?? '')) return before
    throw error
  }
}

const BEHIND: ReadonlySet<string> = new Set(['RECORD_STALE', 'RECORD_CONFLICT'])

/**
 * A node record with its list, put in the place of the one before. Without a list it is noted as missing.
 * @returns whether it was of use
 */
async function judgeNode(
  { record: bytes, list }: HomeAnswer['nodes'][number],
  judged: Judged,
  validation: Validation,
): Promise<boolean> {
  const record = await acceptNode(bytes, judged.known, validation)
  if (record === undefined) return false
  const before = judged.known.nodes.find((node) => node.record.node === record.node)
  if (before !== undefined && equalBytes(before.recordBytes, bytes)) return true
  if (before?.record.list.equals(record.list)) {
    judged.known = withNode(judged.known, { ...before, record, recordBytes: bytes })
  } else {
    const listBytes = blockOf(record.list, list)
    const read = listBytes && readList(listBytes)
    if (listBytes === undefined) judged.missing.push({ record, bytes })
    if (listBytes === undefined || read === undefined) return listBytes === undefined
    judged.known = withNode(judged.known, { record, recordBytes: bytes, list: read, listBytes })
  }
  return true
}

/** One node that publishes nonsense does not take the others with it. */
export function readList(bytes: Uint8Array): NodeList | undefined {
  try {
    return decodeList(bytes)
  } catch {
    return undefined
  }
}

/** Undefined if it is refused, or of a node that the home does not certify: others' entries count all the same. */
async function acceptNode(
  bytes: Uint8Array,
  { record, home }: KnownHome,
  validation: Validation,
): Promise<NodeRecord | undefined> {
  try {
    const { node, user } = decodeNodeRecord(bytes)
    if (user !== record.user || !home.nodes.includes(node)) return undefined
    return await validation.acceptNode(nodeKey(node), bytes)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}

/** What is known, with what this node says in the place of what it said before. */
export function withNode(known: KnownHome, node: KnownNode): KnownHome {
  const others = known.nodes.filter(({ record }) => record.node !== node.record.node)
  return { ...known, nodes: [...others, node] }
}

/** The same under a newer record: what nodes said that it no longer certifies is forgotten. */
function certifiedBy(home: Home, known: KnownHome): KnownHome {
  const { user } = known.record
  const nodes = known.nodes.filter(({ record }) => home.nodes.includes(record.node) && record.user === user)
  return { ...known, nodes }
}

/** The block that a record links: what was sent, or what is known. Undefined if neither fits. */
function blockOf(cid: CID, sent: Uint8Array | null, known?: { cid: CID; bytes: Uint8Array }): Uint8Array | undefined {
  if (known?.cid.equals(cid)) return known.bytes
  return sent !== null && blockLink(sent).equals(cid) ? sent : undefined
}
