/** Claims, renews, passes on and gives up usernames: a signed call to the book, then the record that the hub makes of it. */
import { CID } from 'multiformats/cid'
import { parseLabel, USERNAME } from '../../registry/grammar/label.ts'
import { decodeName } from '../../registry/names/name-record.ts'
import type { Usernames } from '../../registry/names/types.ts'
import type { Methods } from '../api/vocabulary.ts'
import { CallsError, type CallsErrorCode } from '../calls/errors.ts'
import type { createInvoke } from '../calls/invoke.ts'
import type { ResolveService } from '../calls/names/resolve.ts'
import { createPauses } from '../calls/remote/again.ts'
import type { Identity } from '../calls/types.ts'
import { HUB_TRIES } from './constants.ts'
import { readListed } from './listed.ts'
import type { Hub } from './types.ts'

export interface RegisterParts {
  identity: Identity
  /** undefined: the network has none */
  hub: Hub | undefined
  usernames: Pick<Usernames, 'publish'>
  /** calls the book, whose name is the CID of the service */
  call: ReturnType<typeof createInvoke>['call']
  /** Tells the network where this user is, if nothing did so far. */
  beFound: (options: { signal: AbortSignal }) => Promise<void>
  /** Lets the user's home name the usernames. */
  tell: (options: { signal: AbortSignal }) => Promise<void>
  /** the user ID that a name stands for */
  userOf: (name: string, options: { signal: AbortSignal }) => Promise<string>
}

type Api = (
  params: Methods['register']['params'],
  options: { signal: AbortSignal },
) => Promise<Methods['register']['result']>

/** @throws CallsError NAME_NEEDS_REGISTRAR, NAME_TAKEN, NAME_RESERVED, NAME_LIMIT, NAME_NOT_YOURS, HUB_UNREACHABLE, ... */
export function createRegister({ identity, hub, usernames, call, beFound, tell, userOf }: RegisterParts): Api {
  return async ({ username: word, action = 'register', user }, { signal }) => {
    const username = parseLabel(word, USERNAME)
    if (hub === undefined) throw needsRegistrar(username, identity.network.name)
    const to = action === 'transfer' ? [await userOf(user ?? '', { signal })] : []
    const { book } = await patiently(() => hub.nameOf(username, { signal }), signal)
    const params = { name: book.toString(), method: action, args: [username, ...to] }
    const { result } = await call(params, { signal }).catch((error: unknown) => Promise.reject(inOurWords(error)))
    const listed = readListed({ result: Buffer.from(JSON.stringify(result)) })
    // only now does the hub sign it
    const { record } = await hub.nameOf(username, { signal })
    const says = record === null ? null : decodeName(record).record.user
    if (says !== listed.user) throw badRecord(username)
    // first, so that the home is there beside the name; the name is theirs with or without
    if (listed.user === identity.user) await beFound({ signal }).catch(() => undefined)
    // what was given up before anybody heard of it need not be told
    const seenBy = record === null ? 0 : await usernames.publish(username, record, { signal })
    await tell({ signal }).catch(() => undefined)
    return {
      username,
      name: `${username}.${identity.network.suffix}`,
      key: listed.user,
      expires: listed.expires === null ? null : new Date(listed.expires).toISOString(),
      registrar: hub.peer,
      witnesses: record === null ? 0 : decodeName(record).sigs.length - 1,
      seenBy,
    }
  }
}

/** A node that has just been started may not have found the hub yet. */
async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const next = createPauses(HUB_TRIES, { signal })
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { code?: string }).code !== 'HUB_UNREACHABLE' || !(await next())) throw error
    }
  }
}

/** The book's host is the hub, and nobody need be asked: `CID` or `CID@COMMIT`. */
export function resolveBook(hub: Hub | undefined): ResolveService {
  return async (name) => {
    if (hub === undefined) throw new Error('there is no book')
    const [service = '', commit] = name.split('@')
    const at = commit === undefined ? {} : { at: CID.parse(commit) }
    return { kind: 'service', name, service: CID.parse(service), ...at, host: hub.peer, source: 'registrar', age: 0 }
  }
}

/** What to try about each refusal of the book; those without a hint here keep the code that they have. */
const HINTS: { readonly [code: string]: string } = {
  NAME_TAKEN: 'choose another one, or ask whoever has it to transfer it',
  NAME_RESERVED: 'choose another one',
  NAME_LIMIT: 'try again tomorrow, or release one of yours',
  NAME_NOT_YOURS: 'amigo id shows your names; a transfer has to come from whoever has it',
  NAME_INVALID: 'a username is 2 to 32 characters of a-z, 0-9 and single dashes inside',
  USER_ID_INVALID: 'a user ID is the "k51..." that `amigo id` prints',
  BOOK_FULL: 'try again tomorrow, or ask whoever runs the hub',
}

/** A refusal of the book says its code in front of its words. */
function inOurWords(error: unknown): unknown {
  if ((error as { code?: string }).code !== 'CONTRACT_THREW') return error
  const [, code = '', words = ''] = /\b([A-Z_]+): (.*?)(?: \(line \d+\))?$/s.exec((error as Error).message) ?? []
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined
  if (hint === undefined) return error
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  return new CallsError(code as CallsErrorCode, sentence, hint, { cause: error })
}

function needsRegistrar(username: string, network: string): CallsError {
  return new CallsError(
    'NAME_NEEDS_REGISTRAR',
    `Nobody on the network ${network} certifies the username "${username}".`,
    'use the user ID, ~k51..., or a name of your own for it: amigo petname NAME USER; amigo up --hub --home DIR makes a network with usernames',
  )
}

function badRecord(username: string): CallsError {
  const message = `The hub's book took ${username}, and the hub signed something else.`
  return new CallsError('ANSWER_INVALID', message, 'try again; amigo verify shows what its book says')
}
