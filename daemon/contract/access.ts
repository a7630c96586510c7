import { MAX_FUNCTIONS, MAX_GROUPS, MAX_IDENTIFIER_LENGTH, MAX_USERS } from './constants.ts'
import { isRecord } from './is-record.ts'
import { blockNamed } from './shape.ts'
import type { Access, Who } from './types.ts'

/** A user ID: a CID with an identity hash of an Ed25519 key, in base 36. A `~` before it is how names write it. */
const USER = /^~?(k51[0-9a-z]{59})$/
const GROUP = /^[a-z0-9]+(-[a-z0-9]+)*$/

export const PUBLIC_ACCESS: Access = { call: 'public', query: 'public', history: 'public', functions: {} }

/** Why an access in a manifest is none. */
export class AccessProblem extends Error {}

/**
 * Reads `access` of a manifest: one word for all, or `call`, `query`, `history`, `functions` and `groups`. Groups are lists of users
 * and services under a name, and are written out.
 *
 * @throws AccessProblem
 */
export function readAccess(value: unknown): Access {
  if (typeof value === 'string' || Array.isArray(value)) {
    const who = readWho(value, new Map())
    return { call: who, query: who, history: who, functions: {} }
  }
  const keys = mapOf(value, 'access')
  const unknown = Object.keys(keys).find((key) => !['call', 'query', 'history', 'functions', 'groups'].includes(key))
  if (unknown !== undefined) throw new AccessProblem(`${JSON.stringify(unknown.slice(0, 40))} is no key of access`)
  const groups = readGroups(keys['groups'])
  const who = (key: string): Who => (keys[key] === undefined ? 'public' : readWho(keys[key], groups))
  const functions = Object.entries(mapOf(keys['functions'] ?? {}, 'functions')).map(
    ([name, allowed]) => [name, readWho(allowed, groups)] as const,
  )
  return { call: who('call'), query: who('query'), history: who('history'), functions: Object.fromEntries(functions) }
}

function readGroups(value: unknown): Map<string, string[]> {
  const groups = Object.entries(mapOf(value ?? {}, 'groups'))
  if (groups.length > MAX_GROUPS) throw new AccessProblem(`there are more than ${MAX_GROUPS} groups`)
  return new Map(
    groups.map(([name, users]) => {
      if (!GROUP.test(name) || name === 'public' || name === 'owner') {
        throw new AccessProblem(`${JSON.stringify(name.slice(0, 40))} is no name of a group`)
      }
      const list = readWho(users, new Map())
      if (typeof list === 'string') throw new AccessProblem(`the group ${name} is no list of users`)
      return [name, list] as const
    }),
  )
}

function readWho(value: unknown, groups: ReadonlyMap<string, string[]>): Who {
  if (value === 'public' || value === 'owner') return value
  const words = Array.isArray(value) ? value : [value]
  const callers = words.flatMap((word) => {
    const caller = typeof word === 'string' ? callerIn(word) : undefined
    const found = caller === undefined ? groups.get(String(word)) : [caller]
    if (found === undefined) {
      throw new AccessProblem(
        `${JSON.stringify(String(word).slice(0, 80))} is neither public, owner, a user ID, a service ID nor a group`,
      )
    }
    return found
  })
  const list = [...new Set(callers)].sort()
  if (list.length > MAX_USERS) throw new AccessProblem(`more than ${MAX_USERS} users and services are listed`)
  return list
}

/** The ID of a user or a service, as calls name who makes them. */
function callerIn(word: string): string | undefined {
  return USER.exec(word)?.[1] ?? (blockNamed(word) && word)
}

function mapOf(value: unknown, what: string): Record<string, unknown> {
  if (isRecord(value)) return value
  throw new AccessProblem(`${what} is no list of keys`)
}

/** Whether this is an access as a block may hold it: groups written out, users in order. */
export function isAccess(value: unknown): boolean {
  if (!isMapOf(value, ['call', 'query', 'history', 'functions'])) return false
  const { call, query, history, functions } = value
  if (!isRecord(functions)) return false
  const named = Object.entries(functions)
  const inBounds = named.length <= MAX_FUNCTIONS && named.every(([name]) => name.length <= MAX_IDENTIFIER_LENGTH)
  return inBounds && [call, query, history, ...named.map(([, who]) => who)].every(isWho)
}

function isWho(value: unknown): boolean {
  if (value === 'public' || value === 'owner') return true
  if (!Array.isArray(value) || value.length > MAX_USERS) return false
  return value.every((one, i) => typeof one === 'string' && callerIn(one) === one && (i === 0 || value[i - 1] < one))
}

function isMapOf<K extends string>(value: unknown, keys: readonly K[]): value is Record<K, unknown> {
  if (!isRecord(value)) return false
  return Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key))
}
