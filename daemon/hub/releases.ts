/** The version registry: the hub says which release of Amigos is the newest that it knows of, and every node asks it. */
import type { Handler, Internode } from '../../protocol/types.ts'
import { MAX_LIFETIME_MS, RESIGN_MS } from '../../registry/constants.ts'
import { compareVersions, parseVersion } from '../../registry/grammar/version.ts'
import { decodeRelease, type ReleaseRecord, signRelease, verifyRelease } from '../../registry/release/release-record.ts'
import { createSerial } from '../../registry/serial.ts'
import type { Methods } from '../api/vocabulary.ts'
import { CallsError } from '../calls/errors.ts'
import { badAnswer, isBytes, reader } from '../calls/remote/wire.ts'
import type { Identity } from '../calls/types.ts'
import type { Meta } from '../store/database-types.ts'
import { RELEASE_AGAIN_MS, RELEASE_ANSWER_MS } from './constants.ts'

const KEY = 'hub/release'

type Known = Methods['release']['result']

export interface ReleasesParts {
  identity: Identity
  meta: Pick<Meta, 'get' | 'put'>
  internode: Pick<Internode, 'request'>
  /** of this program */
  version: string
  now: () => number
}

export interface Releases {
  /** what the hub said last */
  known(): Promise<Known>
  /** On the hub: there is another newest release. @throws CallsError NOT_REGISTRAR, VERSION_INVALID */
  announce(version: string): Promise<Known>
  /** of the hub alone, by method */
  handlers: Record<string, Handler>
  /** Asks the hub, unless that was done within the hour. Fails in silence: it is asked again. */
  refresh(signal: AbortSignal): Promise<void>
}

export function createReleases({ identity, meta, internode, version, now }: ReleasesParts): Releases {
  const { id: network, registrars } = identity.network
  const [hub] = registrars
  const isHub = hub === identity.peerId
  const serial = createSerial()
  let askedAt = Number.NEGATIVE_INFINITY

  const stored = async (): Promise<{ record: ReleaseRecord; bytes: Uint8Array } | undefined> => {
    const bytes = await meta.get(KEY)
    return bytes && { record: decodeRelease(bytes), bytes }
  }

  const sign = async (newest: string, after: number): Promise<Uint8Array> => {
    const issued = now()
    const seq = Math.max(issued, after + 1)
    const fields = { network, version: newest, seq, issued, expires: issued + MAX_LIFETIME_MS }
    const bytes = await signRelease(identity.node, fields)
    await meta.put(KEY, bytes)
    return bytes
  }

  /** What it said before, as long as that lives and this program is no newer. */
  const current = (): Promise<Uint8Array> =>
    serial(KEY, async () => {
      const before = await stored()
      if (before === undefined) return sign(version, 0)
      const { record, bytes } = before
      if (isNewer(version, record.version)) return sign(version, record.seq)
      return record.expires - now() < RESIGN_MS ? sign(record.version, record.seq) : bytes
    })

  const known = async (): Promise<Known> => {
    if (isHub) await current()
    const record = (await stored())?.record
    if (record === undefined || hub === undefined) return { running: version, newest: null }
    const { version: newest, issued } = record
    return {
      running: version,
      newest: {
        version: newest,
        isNewer: isNewer(newest, version),
        issued: new Date(issued).toISOString(),
        age: Math.max(0, now() - issued),
        stale: record.expires <= now(),
        registrar: hub,
      },
    }
  }

  return {
    known,
    handlers: isHub ? { release: async () => ({ record: await current() }) } : {},

    async announce(newest) {
      if (!isHub)
        throw new CallsError(
          'NOT_REGISTRAR',
          'Only the hub of a network tells of releases.',
          `ask it: ${hub ?? 'it has none'}`,
        )
      if (parseVersion(newest) === undefined)
        throw new CallsError('VERSION_INVALID', `"${newest.slice(0, 64)}" is no version.`, 'write it like 1.2.0')
      await serial(KEY, async () => sign(newest, (await stored())?.record.seq ?? 0))
      return known()
    },

    refresh: (signal) =>
      serial(KEY, async () => {
        if (isHub || hub === undefined || now() - askedAt < RELEASE_AGAIN_MS) return
        try {
          const answer = await internode.request(hub, 'release', {}, { signal, timeoutMs: RELEASE_ANSWER_MS })
          const bytes = reader(answer, (field) => badAnswer(hub, field))('record', isBytes)
          const record = await verifyRelease(bytes, { hub, network, now: now() })
          askedAt = now()
          if (record.seq > ((await stored())?.record.seq ?? 0)) await meta.put(KEY, bytes)
        } catch {
          // nothing depends on it
        }
      }),
  }
}

function isNewer(a: string, b: string): boolean {
  const [one, other] = [parseVersion(a), parseVersion(b)]
  return one !== undefined && other !== undefined && compareVersions(one, other) > 0
}
