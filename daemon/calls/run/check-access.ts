/** Who may do what with a service: the manifest's `access`, enforced by whoever holds the service, before the VM runs. */
import type { Access, Contract, Who } from '../../contract/types.ts'
import { CallsError } from '../errors.ts'

export type Right = 'call' | 'query' | 'history'

/** Whoever asks. The user is the empty string where nobody has signed: a visitor of the page, a request without a signature. */
export interface Asker {
  /** user ID of the owner of the service */
  owner: string
  /** user ID, or the service ID of a service that asks */
  user: string
  /** of a service that asks: the user ID of its owner, who decided what it calls. @default a user asks */
  userOwner?: string | undefined
}

/** @param fn the function that is called or queried: what the manifest says of it goes before what it says of the service */
function may(access: Access, asker: Asker, right: Right, fn?: string): boolean {
  const ofFunction = right !== 'history' && fn !== undefined && Object.hasOwn(access.functions, fn)
  return includes(ofFunction ? access.functions[fn]! : access[right], asker)
}

/** Whether somebody may do anything at all with the service: then where it stands is no secret, as every answer says it. */
function mayAnything(access: Access, asker: Asker): boolean {
  const { call, query, history, functions } = access
  return [call, query, history, ...Object.values(functions)].some((who) => includes(who, asker))
}

/** Whether the history is for some only: then its blocks lie apart, and no stranger is given one. */
export function isSealed({ manifest }: Pick<Contract, 'manifest'>): boolean {
  return manifest.access.history !== 'public'
}

/** @throws CallsError ACCESS_DENIED */
export function checkAccess({ manifest }: Pick<Contract, 'manifest'>, asker: Asker, right: Right, fn?: string): void {
  if (may(manifest.access, asker, right, fn)) return
  const who = asker.user === '' ? 'somebody who did not sign' : asker.user
  const what = { call: `call ${fn}`, query: `query ${fn}`, history: 'read the history and the state' }[right]
  throw denied(`${manifest.name} does not let ${who} ${what}.`)
}

/** @throws CallsError ACCESS_DENIED */
export function checkAnyAccess({ manifest }: Pick<Contract, 'manifest'>, asker: Asker): void {
  if (mayAnything(manifest.access, asker)) return
  throw denied(`${manifest.name} lets only some users know where it stands.`)
}

function includes(who: Who, { owner, user, userOwner }: Asker): boolean {
  if (who === 'public') return true
  if (user === '') return false
  return user === owner || userOwner === owner || (who !== 'owner' && who.includes(user))
}

function denied(message: string): CallsError {
  return new CallsError('ACCESS_DENIED', message, 'its owner decides who may: access in amigo.yaml')
}
