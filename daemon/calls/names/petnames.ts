/** Names for users that hold only on this node: looked up before usernames, never told to anybody. */
import * as dagCbor from '@ipld/dag-cbor'
import { parseLabel, USERNAME } from '../../../registry/grammar/label.ts'
import { publicKeyOf } from '../../../registry/user-id.ts'
import type { Meta } from '../../store/database-types.ts'

const PREFIX = 'petname/'

export interface Petnames {
  /** user ID */
  get(name: string): Promise<string | undefined>
  /** @throws RegistryError NAME_INVALID, USER_ID_INVALID */
  put(name: string, user: string): Promise<string>
  /** Whether there was one. */
  remove(name: string): Promise<boolean>
  all(): Promise<{ name: string; user: string }[]>
}

export function createPetnames(meta: Pick<Meta, 'get' | 'put' | 'delete' | 'list'>): Petnames {
  const get = async (name: string): Promise<string | undefined> => {
    const bytes = await meta.get(PREFIX + name)
    return bytes && dagCbor.decode<string>(bytes)
  }
  return {
    get,
    async put(word, user) {
      const name = parseLabel(word, USERNAME)
      publicKeyOf(user)
      await meta.put(PREFIX + name, dagCbor.encode(user))
      return name
    },
    async remove(word) {
      const name = parseLabel(word, USERNAME)
      if ((await get(name)) === undefined) return false
      await meta.delete(PREFIX + name)
      return true
    },
    async all() {
      const found: { name: string; user: string }[] = []
      for await (const { key, value } of meta.list(PREFIX))
        found.push({ name: key.slice(PREFIX.length), user: dagCbor.decode<string>(value) })
      return found
    },
  }
}
