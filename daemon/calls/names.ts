/** The local names of this node's services: `local.land/_/NAME`. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Meta, Write } from '../store/database-types.ts'
import { CallsError } from './errors.ts'
import type { LocalName } from './types.ts'

const PREFIX = 'name/'
/** A service name: 1 to 64 of a-z, 0-9 and single dashes inside (specs/registry.md). */
const SERVICE_NAME = /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/

export interface Names {
  get(name: string): Promise<LocalName | undefined>
  all(): Promise<LocalName[]>
  put(entry: LocalName): Promise<void>
  /** The same as a write, for a batch. */
  write(entry: LocalName): Write
}

export function createNames(meta: Meta): Names {
  const decode = (key: string, bytes: Uint8Array): LocalName => {
    const entry = dagCbor.decode<Omit<LocalName, 'name'>>(bytes)
    return { name: key.slice(PREFIX.length), ...entry }
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
  }
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
