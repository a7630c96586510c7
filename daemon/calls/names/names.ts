/** The local names of this node's services: `local.land/_/NAME`, and `local.land/_/NAME@v1` beside it. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Meta, Write } from '../../store/database-types.ts'
import { CallsError } from '../errors.ts'
import type { LocalName, RunningService } from '../types.ts'
import { lineOf } from '../versions/line.ts'

const PREFIX = 'name/'
/** A service name: 1 to 64 of a-z, 0-9 and single dashes inside (specs/registry.md). */
const SERVICE_NAME = /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/

export interface Names {
  get(name: string): Promise<LocalName | undefined>
  all(): Promise<LocalName[]>
  put(entry: LocalName): Promise<void>
  /** The same as a write, for a batch. */
  write(entry: LocalName): Write
  /** The name that a service runs under, and which of its services it is. */
  of(service: CID): Promise<LocalService | undefined>
}

/** One service, with the name that it runs under. */
export interface LocalService extends RunningService {
  entry: LocalName
}

export function createNames(meta: Meta): Names {
  const decode = (key: string, bytes: Uint8Array): LocalName => {
    const name = key.slice(PREFIX.length)
    const row = dagCbor.decode<Omit<LocalName, 'name'> | OldRow>(bytes)
    return 'running' in row ? { name, ...row } : fromOld(name, row)
  }
  const write = ({ name, ...entry }: LocalName): { put: 'meta'; key: string; value: Uint8Array } => ({
    put: 'meta',
    key: PREFIX + checkServiceName(name),
    value: dagCbor.encode(entry),
  })
  const all = async (): Promise<LocalName[]> => {
    const found: LocalName[] = []
    for await (const { key, value } of meta.list(PREFIX)) found.push(decode(key, value))
    return found
  }

  return {
    async get(name) {
      const bytes = await meta.get(PREFIX + checkServiceName(name))
      return bytes && decode(PREFIX + name, bytes)
    },
    all,
    async put(entry) {
      const { key, value } = write(entry)
      await meta.put(key, value)
    },
    write,
    async of(service) {
      for (const entry of await all()) {
        const found = entry.running.find((one) => one.service.equals(service))
        if (found) return { ...found, entry }
      }
      return undefined
    },
  }
}

/** How a name was written down when it stood for one service. */
interface OldRow {
  service: CID
  published: LocalName['published']
}

/** It ran one major version, that of what was published last. */
function fromOld(name: string, { service, published }: OldRow): LocalName {
  const major = published.at(-1)?.version.split('.')[0]
  return { name, running: [{ service, line: major === undefined ? null : lineOf(`${major}.0.0`) }], published }
}

/** Under which name the copies of others' services were asked for. */
export interface Copies {
  name(service: CID): Promise<string | undefined>
  note(service: CID, name: string): Promise<void>
}

const COPY_PREFIX = 'copy/'

export function createCopies(meta: Pick<Meta, 'get' | 'put'>): Copies {
  const read = async (service: CID): Promise<string | undefined> => {
    const bytes = await meta.get(COPY_PREFIX + service)
    return bytes && dagCbor.decode<string>(bytes)
  }
  return {
    name: read,
    async note(service, name) {
      if ((await read(service)) !== name) await meta.put(COPY_PREFIX + service, dagCbor.encode(name))
    },
  }
}

/** @throws CallsError NAME_NOT_SUPPORTED */
export function checkServiceName(name: string): string {
  if (SERVICE_NAME.test(name)) return name
  const hint = 'a service is named with 1 to 64 of a-z, 0-9 and single dashes inside'
  throw new CallsError('NAME_NOT_SUPPORTED', `"${name.slice(0, 80)}" is no name for a service.`, hint)
}
