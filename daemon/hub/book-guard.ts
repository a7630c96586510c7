/** Keeps a hub's user from changing or ending the book of usernames by mistake: every name of the network stands in it. */
import { parseName } from '../../registry/grammar/name.ts'
import type { Implementation } from '../api/vocabulary.ts'
import { CallsError } from '../calls/errors.ts'
import type { Names } from '../calls/names/names.ts'
import type { ResolveService } from '../calls/names/resolve.ts'
import { BOOK_NAME } from './constants.ts'

/** Each with what it would do to a service. */
const CHANGES = {
  upgrade: 'gets its code from the releases of this program alone',
  rollback: 'does not go back: names that were registered would be lost',
  prune: 'keeps its whole history: witnesses and everybody who verifies a name replay it',
  remove: 'is not removed: all names would be lost',
  unpublish: 'is not published: the hub runs it under this name',
  yank: 'has no versions to withdraw',
  deprecate: 'has no versions to speak against',
} as const

type Change = keyof typeof CHANGES

export interface BookGuardParts {
  names: Pick<Names, 'of'>
  resolveService: ResolveService
  suffix: string
}

/** Those that would change or end a service, or put another in its place. */
export type Guarded = Pick<Implementation, Change | 'fork'>

/** The same methods, but for the book: NAME_RESERVED. The book's own calls and queries are as any service's. */
export function guardBook<M extends Guarded>(methods: M, parts: BookGuardParts): M {
  const { names, resolveService, suffix } = parts

  const isBook = async (text: string, signal: AbortSignal): Promise<boolean> => {
    const name = parseName(text, { suffix })
    if (name.kind === 'local') return name.service === BOOK_NAME
    // what does not resolve is refused by the method itself
    const found = await resolveService(text, { signal }).catch(() => undefined)
    signal.throwIfAborted()
    return found !== undefined && (await names.of(found.service))?.entry.name === BOOK_NAME
  }

  const base: Pick<Implementation, Change> = methods
  const guarded = <K extends Change>(method: K): Implementation[K] => {
    const run = base[method]
    return (async (params, options) => {
      if (await isBook(params.name, options.signal)) throw reserved(CHANGES[method])
      return run(params, options)
    }) as Implementation[K]
  }

  const fork: Implementation['fork'] = async (params, options) => {
    if (params.as === BOOK_NAME) throw reserved('is not replaced by a fork', 'choose another name: --as NAME')
    return methods.fork(params, options)
  }
  const spared = Object.fromEntries((Object.keys(CHANGES) as Change[]).map((method) => [method, guarded(method)]))
  return { ...methods, ...spared, fork }
}

function reserved(
  why: string,
  hint = 'names in it are changed with amigo register; amigo down ends the network',
): CallsError {
  const message = `local.land/_/${BOOK_NAME} is the book of usernames of this network, and ${why}.`
  return new CallsError('NAME_RESERVED', message, hint)
}
