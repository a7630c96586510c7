/** The book of usernames: a contract that the hub of a network runs. Its rules are in specs/names.md, "The book". */
import { caller, owner, time } from 'amigos:context'
import { emit } from 'amigos:events'

const DAY = 86_400_000
/** how long a name is held without being renewed, and how long after that only who had it may have it back */
const TERM = 365 * DAY
const GRACE = 30 * DAY
const MAX_NAMES = 100_000
/** that one user registered and that are still held, by whomever */
const MAX_PER_USER = 20
/** what one user may do in a day of UTC, and what all may register together */
const MAX_REGISTRATIONS = 5
const MAX_CHANGES = 20
const MAX_REGISTRATIONS_OF_ALL = 10_000
const PAGE = 100

/** Names that would be taken for the network's own word; the owner of the book may register them. */
const RESERVED = new Set(
  (
    'abuse account admin administrator amigo amigos api app auth blog book bot billing contact dev docs everyone ' +
    'example ftp gateway help home host hostmaster hub info ipfs ipns local localhost login mail me names network ' +
    'news nobody node null official owner postmaster preview registrar registry relay root search security server ' +
    'service services shop staff staging status support system team test testnet undefined user username users ' +
    'web webmaster witness www'
  ).split(' '),
)

interface Entry {
  /** who has it */
  user: string
  /** who registered it: it counts among that user's */
  by: string
  since: number
  expires: number
}

/** Times are milliseconds since 1970. */
export interface Listed {
  username: string
  /** `grace`: it has expired, and only who had it may have it back; `reserved` and `free` are nobody's */
  state: 'held' | 'grace' | 'free' | 'reserved'
  user: string | null
  since: number | null
  expires: number | null
}

const entries = new Map<string, Entry>()
/** how many each user registered of those that are in the book */
const counts = new Map<string, number>()
/** what was done today */
let today = 0
let registrations = 0
const changes = new Map<string, { registered: number; changed: number }>()

/** Takes a name that nobody has, for a year. Of a name that the caller has already, nothing changes. */
export function register(username: string): Listed {
  const now = time().getTime()
  const before = entries.get(username)
  if (before?.user === caller() && now < before.expires) return listed(username, now)
  assertName(username)
  if (RESERVED.has(username) && caller() !== owner())
    throw new Error(`NAME_RESERVED: the username ${username} is reserved`)
  if (before !== undefined && now < before.expires + GRACE && before.user !== caller())
    throw taken(username, before, now)
  note('registered', now)
  if (before !== undefined) remove(username, before)
  if (entries.size >= MAX_NAMES) forget(now)
  if (entries.size >= MAX_NAMES) throw new Error('BOOK_FULL: the book holds as many names as it can')
  const own = counts.get(caller()) ?? 0
  if (own >= MAX_PER_USER) throw new Error(`NAME_LIMIT: ${MAX_PER_USER} names that you registered are held already`)
  counts.set(caller(), own + 1)
  entries.set(username, { user: caller(), by: caller(), since: now, expires: now + TERM })
  return changed(username, now)
}

/** Holds a name of the caller for another year from now; also in the days of grace. */
export function renew(username: string): Listed {
  const now = time().getTime()
  const entry = own(username, now, GRACE)
  note('changed', now)
  entry.expires = now + TERM
  return changed(username, now)
}

/** Gives a name of the caller to another user, who then has it until it expires. */
export function transfer(username: string, user: string): Listed {
  const now = time().getTime()
  const entry = own(username, now, 0)
  if (!/^k51[0-9a-z]{59}$/.test(user))
    throw new Error('USER_ID_INVALID: a user ID begins with k51 and has 62 characters')
  note('changed', now)
  entry.user = user
  return changed(username, now)
}

/** Gives a name up: from now on whoever comes first may have it. */
export function release(username: string): Listed {
  const now = time().getTime()
  const entry = own(username, now, GRACE)
  note('changed', now)
  remove(username, entry)
  return changed(username, now)
}

/** What the book says of a name. @query */
export function lookup(username: string): Listed {
  return listed(username, time().getTime())
}

/** The names that are held, in their order, 100 at most: those behind `after`. @query */
export function names(after: string = ''): Listed[] {
  const now = time().getTime()
  const page: string[] = []
  for (const [username, entry] of entries) {
    if (username <= after || now >= entry.expires + GRACE) continue
    if (page.length === PAGE && username > page[PAGE - 1]!) continue
    const at = page.findIndex((other) => other > username)
    page.splice(at < 0 ? page.length : at, 0, username)
    if (page.length > PAGE) page.pop()
  }
  return page.map((username) => listed(username, now))
}

/** The names that a user has. @query */
export function namesOf(user: string): Listed[] {
  const now = time().getTime()
  const own = [...entries].filter(([, entry]) => entry.user === user && now < entry.expires + GRACE)
  return own.map(([username]) => listed(username, now))
}

/** The book as a page. */
export function render(path: string): string {
  const now = time().getTime()
  const after = path.replace(/^\//, '')
  const page = names(after)
  const lines = page.map(({ username, user, expires }) => `- **${username}**: ${user}, until ${day(expires ?? now)}`)
  const more = page.length === PAGE ? `\n[More](${page[PAGE - 1]!.username})\n` : ''
  return `# Usernames\n\n${entries.size} names.\n\n${lines.join('\n')}\n${more}`
}

function listed(username: string, now: number): Listed {
  const entry = entries.get(username)
  if (entry === undefined || now >= entry.expires + GRACE) {
    const state = RESERVED.has(username) ? 'reserved' : 'free'
    return { username, state, user: null, since: null, expires: null }
  }
  const { user, since, expires } = entry
  return { username, state: now < expires ? 'held' : 'grace', user, since, expires }
}

function changed(username: string, now: number): Listed {
  const entry = listed(username, now)
  emit('name', { username, user: entry.user, expires: entry.expires })
  return entry
}

/** The entry, if it is the caller's. @param grace how long it may have expired */
function own(username: string, now: number, grace: number): Entry {
  const entry = entries.get(username)
  if (entry === undefined || now >= entry.expires + GRACE)
    throw new Error(`NAME_NOT_YOURS: nobody has ${quoted(username)}`)
  if (entry.user !== caller()) throw new Error(`NAME_NOT_YOURS: the username ${username} belongs to ${entry.user}`)
  if (now >= entry.expires + grace)
    throw new Error(`NAME_NOT_YOURS: the username ${username} has expired: renew it first`)
  return entry
}

function taken(username: string, { user, expires }: Entry, now: number): Error {
  if (now < expires) return new Error(`NAME_TAKEN: the username ${username} belongs to ${user} until ${day(expires)}`)
  return new Error(`NAME_TAKEN: the username ${username} was ${user}'s, who may renew it until ${day(expires + GRACE)}`)
}

function remove(username: string, { by }: Entry): void {
  entries.delete(username)
  const left = (counts.get(by) ?? 1) - 1
  if (left > 0) counts.set(by, left)
  else counts.delete(by)
}

/** Makes room: of names that nobody may renew any more. */
function forget(now: number): void {
  for (const [username, entry] of [...entries]) if (now >= entry.expires + GRACE) remove(username, entry)
}

/** Counts what the caller does, and refuses what is too much for a day. */
function note(what: 'registered' | 'changed', now: number): void {
  const date = Math.floor(now / DAY)
  if (date !== today) {
    today = date
    registrations = 0
    changes.clear()
  }
  const done = changes.get(caller()) ?? { registered: 0, changed: 0 }
  const most = what === 'registered' ? MAX_REGISTRATIONS : MAX_CHANGES
  if (done[what] >= most) throw new Error(`NAME_LIMIT: ${most} times a day are the most for one user`)
  if (what === 'registered' && registrations >= MAX_REGISTRATIONS_OF_ALL)
    throw new Error('BOOK_FULL: too many names were registered today')
  if (what === 'registered') registrations++
  changes.set(caller(), { ...done, [what]: done[what] + 1 })
}

function assertName(username: string): void {
  if (username.length >= 2 && username.length <= 32 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(username)) return
  throw new Error(`NAME_INVALID: ${quoted(username)} is not 2 to 32 characters of a-z, 0-9 and single dashes inside`)
}

function quoted(username: string): string {
  return JSON.stringify(username.slice(0, 40))
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
