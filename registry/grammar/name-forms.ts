import { MAX_USERNAME_LENGTH, MIN_USERNAME_LENGTH } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { parseCid } from '../link.ts'
import { quote } from '../quote.ts'
import type { Name, Owner } from '../types.ts'
import { isPeerId, publicKeyOf } from '../user-id.ts'
import { isExternalHost, parseRepository, parseUrl } from './external.ts'
import { NETWORK_NAME, parseLabel, SERVICE_NAME, USERNAME } from './label.ts'
import { parsePath } from './path.ts'
import { parseSelector } from './selector.ts'

/** CIDv0; CIDv1, peer IDs and user IDs are longer */
const SHORTEST_HASH = 46

/** A name, and what stood behind it: the path of a page that the service renders. It is not part of the name. */
export interface NameAndPath {
  name: Name
  /** without a leading slash; empty if there is none */
  path: string
}

/** How one form is told by its beginning, and how it is read. */
export interface NameForm {
  matches(head: string, text: string, suffix: string): boolean
  read(segments: string[], text: string, suffix: string): NameAndPath
}

/** One row for each form of specs/registry.md, "Grammar"; the first that matches decides. `head` is the text to the first `/`. */
export const NAME_FORMS: readonly NameForm[] = [
  { matches: (head) => head === '' || head === '.' || head === '..', read: (_, text) => bare(readFolder(text)) },
  { matches: (_, text) => text.startsWith('https://'), read: (_, text) => bare(parseUrl(text)) },
  { matches: (_, text) => /^[a-z][a-z0-9+-]*:/i.test(text), read: (_, text) => refuseScheme(text) },
  { matches: (head) => head.startsWith('~'), read: ([head = '', ...rest]) => owned(null, ownerOf(head), rest) },
  { matches: (head, _, suffix) => isUnder(head, suffix), read: (segments, _, suffix) => readUser(segments, suffix) },
  { matches: (head) => lower(head).endsWith('.land'), read: (segments) => readNetwork(segments) },
  {
    matches: (head) => isExternalHost(lower(head)),
    read: ([head = ''], text) => bare(parseRepository(lower(head), text.slice(head.length + 1))),
  },
  { matches: (head) => /^[^@]*\./.test(head), read: ([head = ''], _, suffix) => refuseHost(head, suffix) },
  { matches: (head) => head.length > MAX_USERNAME_LENGTH, read: (segments) => readHash(segments) },
  { matches: (head, text) => head !== text, read: ([head = '', ...rest]) => owned(null, ownerOf(head), rest) },
  { matches: () => true, read: (_, text, suffix) => refuseWord(text, suffix) },
]

function readFolder(path: string): Name {
  return { kind: 'folder', path }
}

function readUser([head = '', ...rest]: string[], suffix: string): NameAndPath {
  const username = parseLabel(head.slice(0, -suffix.length - 1), USERNAME)
  return owned(null, { username }, rest)
}

function readNetwork([head = '', ...rest]: string[]): NameAndPath {
  const network = parseLabel(head.slice(0, -'.land'.length), NETWORK_NAME)
  const [owner, ...more] = rest
  if (network !== 'local') {
    if (owner === undefined)
      throw invalidName(`${quote(head)} names a network and nothing on it`, `write ${network}.land/USER/SERVICE`)
    return owned(network, ownerOf(owner), more)
  }
  const [service, ...path] = more
  if (owner !== '_' || service === undefined) {
    throw invalidName('local.land holds the services of this node and nothing else', 'write local.land/_/SERVICE')
  }
  return { name: { kind: 'local', ...readService(service) }, path: parsePath(path) }
}

/** A user's page, or the service that follows. */
function owned(network: string | null, owner: Owner, [service, ...path]: string[]): NameAndPath {
  if (service === undefined) return bare({ kind: 'page', network, owner })
  return { name: { kind: 'service', network, owner, ...readService(service) }, path: parsePath(path) }
}

function readService(text: string): Pick<Extract<Name, { kind: 'local' }>, 'service' | 'version'> {
  const at = text.indexOf('@')
  if (at < 0) return { service: parseLabel(text, SERVICE_NAME), version: { kind: 'latest' } }
  return { service: parseLabel(text.slice(0, at), SERVICE_NAME), version: parseSelector(text.slice(at + 1)) }
}

function ownerOf(text: string): Owner {
  if (!text.startsWith('~')) return { username: parseLabel(text, USERNAME) }
  try {
    publicKeyOf(text.slice(1))
  } catch {
    throw invalidName(`${quote(text)} is not ~ and a user ID`, 'a user ID is the "k51..." that `amigo id` prints')
  }
  return { key: text.slice(1) }
}

function readHash([head = '', ...rest]: string[]): NameAndPath {
  const cid = parseCid(head)
  if (cid !== undefined) return bare({ kind: 'cid', cid, path: parsePath(rest) })
  if (isPeerId(head)) {
    if (rest.length === 0) return bare({ kind: 'peer', peer: head })
    throw invalidName('a peer ID names a node as a whole; nothing follows it', `write ${head}`)
  }
  if (head.length < SHORTEST_HASH) parseLabel(head, USERNAME)
  const hint = head.startsWith('k51')
    ? `a user ID is written with a tilde: ~${head}/SERVICE`
    : 'copy it once more, whole'
  throw invalidName(`${quote(head)} is too long for a username, and neither a CID of a block nor a peer ID`, hint)
}

function refuseScheme(text: string): never {
  throw invalidName(`${quote(text.slice(0, text.indexOf(':') + 1))} is no scheme of a name`, 'only https:// is')
}

function refuseHost(head: string, suffix: string): never {
  throw invalidName(
    `${quote(head)} is neither under ${suffix} nor a host with a resolver`,
    `write USER.${suffix}, or https:// before a host elsewhere`,
  )
}

function refuseWord(text: string, suffix: string): never {
  const at = text.indexOf('@')
  const word = parseLabel(at < 0 ? text : text.slice(0, at), SERVICE_NAME)
  const user = at < 0 && word.length >= MIN_USERNAME_LENGTH ? `, ${word}.${suffix} (a user)` : ''
  throw invalidName(
    `${quote(word)} alone does not say whose it is`,
    `write local.land/_/${word} (on this node), ./${word} (a folder)${user} or USER/${word} (a user's service)`,
  )
}

/** Whether a host is the suffix or ends in it, whole labels compared. */
export function isUnder(host: string, suffix: string): boolean {
  return lower(host) === suffix || lower(host).endsWith(`.${suffix}`)
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (char) => char.toLowerCase())
}

function bare(name: Name): NameAndPath {
  return { name, path: '' }
}

/** NAME_INVALID. @param hint what to write instead */
export function invalidName(
  message: string,
  hint = 'names look like alice.amigos.net/forum, alice/forum@^1.2 or local.land/_/forum',
): RegistryError {
  return new RegistryError('NAME_INVALID', message, hint)
}
