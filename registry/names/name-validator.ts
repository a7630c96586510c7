import { createHash } from 'node:crypto'
import { MAX_CLOCK_SKEW_MS, MAX_QUERY_VALUES } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { homeKey } from '../home/record.ts'
import type { HomeRecord, Validation } from '../home/types.ts'
import { createSeen, type SeenInit } from '../seen.ts'
import type { Memory } from '../types.ts'
import { MAX_NAME_LIFETIME_MS, NAME_NAMESPACE } from './constants.ts'
import { decodeName, verifyName } from './name-record.ts'
import { decodeNameValue, usernameOfKey } from './name-value.ts'
import type { NameRecord, NameValidation, NameValue, Registrars } from './types.ts'

export interface NameValidationComponents {
  memory: Memory
  /** of the home records that stand beside names */
  homes: Pick<Validation, 'acceptHome'>
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
}

/**
 * The one judge of name records on this node. As with homes, it remembers on disk the highest sequence of each name before it lets
 * a record pass.
 */
export function createNameValidation(
  { memory, homes, now = Date.now }: NameValidationComponents,
  network: Registrars,
  init: SeenInit = {},
): NameValidation {
  const seen = createSeen(memory, {
    ...init,
    prefix: 'registry/seen-names',
    keepMs: MAX_NAME_LIFETIME_MS + MAX_CLOCK_SKEW_MS,
  })

  const accept = async (username: string, bytes: Uint8Array): Promise<NameRecord> => {
    const record = await verifyName(bytes, { username, network, now: now() })
    // of what was signed: witnesses may have added their signatures since
    const digest = createHash('sha256').update(decodeName(bytes).body).digest()
    const { seq, expires } = record
    const verdict = await seen.admit({ id: username, seq, expires }, digest, now())
    if (verdict === 'admitted') return record
    throw refused(verdict === 'conflict')
  }

  const acceptHome = async ({ user }: NameRecord, home: Uint8Array | null): Promise<HomeRecord | undefined> => {
    if (home === null) return undefined
    if (user !== null) return homes.acceptHome(homeKey(user), home)
    throw new RegistryError('RECORD_INVALID', 'A name record was refused: a name that nobody has has no home.', '')
  }

  /**
   * What speaks for a value: the sequence of the name, then that of the home, whose newest key goes first; nothing for one that is not
   * valid. The name is not remembered.
   */
  const rankOf = async (username: string, value: Uint8Array): Promise<number[]> => {
    try {
      const { name, home } = decodeNameValue(value)
      const record = await verifyName(name, { username, network, now: now() })
      const accepted = await acceptHome(record, home).catch(() => undefined)
      return [record.seq, accepted?.keys.length ?? 0, accepted?.seq ?? 0]
    } catch {
      return [0, 0, 0]
    }
  }

  const select = async (key: Uint8Array, values: Uint8Array[]): Promise<number> => {
    let best = { index: 0, rank: [0, 0, 0] }
    for (const [index, value] of values.slice(0, MAX_QUERY_VALUES).entries()) {
      const rank = await rankOf(usernameOf(key), value)
      const at = rank.findIndex((number, i) => number !== best.rank[i])
      if (at >= 0 && rank[at]! > best.rank[at]!) best = { index, rank }
    }
    return best.index
  }

  const validate = async (key: Uint8Array, value: Uint8Array): Promise<void> => {
    const username = usernameOfKey(key)
    const { name, home }: NameValue = decodeNameValue(value)
    await acceptHome(await accept(username, name), home)
  }

  return { accept, validators: { [NAME_NAMESPACE]: validate }, selectors: { [NAME_NAMESPACE]: select } }
}

/** A selector never throws. */
function usernameOf(key: Uint8Array): string {
  try {
    return usernameOfKey(key)
  } catch {
    return ''
  }
}

function refused(isConflict: boolean): RegistryError {
  if (isConflict) {
    return new RegistryError(
      'RECORD_CONFLICT',
      'A name record was refused: its registrars signed another one of the same sequence.',
      'that is a lie of the registrars: tell whoever runs the hub, and keep both records',
    )
  }
  return new RegistryError(
    'RECORD_STALE',
    'A name record was refused: a newer one was seen before.',
    'whoever sent it is behind, or replays it; ask another peer',
  )
}
