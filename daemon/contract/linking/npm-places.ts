/** Where the packages are that code means by their names. */
import { posix } from 'node:path'
import { isRecord } from '../is-record.ts'
import type { Refusal } from './refusal.ts'
import type { Package, Reader } from './types.ts'

export interface PackagePlaces {
  /** the folder on the disk; undefined if there is none. @param from the package that asks, if it is not the contract itself */
  find(name: string, from: Package | undefined): Promise<string | Refusal | undefined>
  /** that this is what was meant */
  note(name: string, from: Package | undefined, found: Package): void
  /** what was noted, as a source of the contract; undefined if that is one already, or nothing was */
  links(): { path: string; content: Uint8Array } | undefined
}

/** `''` is the contract's own code; names to `NAME@VERSION` */
type Links = Record<string, Record<string, string>>

const OUTSIDE: Refusal = {
  reason: 'its folder in node_modules is a link to somewhere else',
  hint: 'Install a copy of it: npm install --install-links',
}

/**
 * A contract that has the packages among its sources is made from them, as its author had them. Otherwise they are looked for as
 * Node.js does, but inside the folder alone.
 *
 * @param root of the packages among the sources
 */
export function createPackagePlaces(reader: Reader, prefix: string, root: string): PackagePlaces {
  const path = `${root}/packages.json`
  const noted: Links = {}
  let kept: Promise<Links | undefined> | undefined

  const readLinks = async (): Promise<Links | undefined> => {
    const bytes = await reader.read(path)
    return bytes && linksIn(bytes)
  }

  const inFolder = async (name: string, from: Package | undefined): Promise<string | Refusal | undefined> => {
    for (let at = from?.place ?? ''; ; at = posix.dirname(at)) {
      const isTop = at === '' || at === '.'
      const real = at.endsWith('node_modules') ? undefined : await reader.real(posix.join(at, 'node_modules', name))
      if (real === 'outside') return OUTSIDE
      if (real !== undefined || isTop) return real
    }
  }

  return {
    async find(name, from) {
      kept ??= readLinks()
      const links = await kept
      if (links === undefined) return prefix === '' ? inFolder(name, from) : undefined
      const own = links[idOf(from)]
      const id = own && Object.hasOwn(own, name) ? own[name] : undefined
      return id === undefined ? undefined : `${root}/${id}`
    },
    note(name, from, found) {
      const names = noted[idOf(from)] ?? {}
      noted[idOf(from)] = { ...names, [name]: idOf(found) }
    },
    links() {
      const isKept = reader.holds(path)
      if (isKept || Object.keys(noted).length === 0) return undefined
      const sorted = inOrder(Object.entries(noted).map(([id, names]) => [id, inOrder(Object.entries(names))]))
      return { path, content: new TextEncoder().encode(`${JSON.stringify(sorted, null, 2)}\n`) }
    },
  }
}

const idOf = (found: Package | undefined): string => (found === undefined ? '' : `${found.name}@${found.version}`)

const inOrder = <T>(entries: readonly [string, T][]): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

/** Of a stranger: what is no list of names is as good as none. */
function linksIn(bytes: Uint8Array): Links {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const lists = isRecord(json) ? Object.entries(json) : []
    return Object.fromEntries(
      lists.map(([id, names]) => [
        id,
        Object.fromEntries(
          Object.entries(isRecord(names) ? names : {}).filter(([, to]) => typeof to === 'string' && ID.test(to)),
        ) as Record<string, string>,
      ]),
    )
  } catch {
    return {}
  }
}

/** what follows the name is a version, and stays in the folder */
const ID = /^(@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*@\d[A-Za-z0-9.+-]*$/
