import { DEFAULT_SUFFIX, MAX_NAME_LENGTH } from '../constants.ts'
import { quote } from '../quote.ts'
import type { Name, NameOptions, Owner } from '../types.ts'
import { invalidName, NAME_FORMS } from './name-forms.ts'
import { formatSelector } from './selector.ts'
import { checkSuffix } from './suffix.ts'

/**
 * Reads a name of any form. What is not written in exactly one of the forms is refused.
 * @throws {RegistryError} NAME_INVALID, with a sentence that says why
 */
export function parseName(text: string, options: NameOptions = {}): Name {
  const suffix = checkSuffix(options.suffix ?? DEFAULT_SUFFIX)
  if (text.length > MAX_NAME_LENGTH) throw invalidName(`the name is longer than ${MAX_NAME_LENGTH} characters`)
  if (text === '') throw invalidName('the name is empty')
  if (!text.isWellFormed() || /\p{Cc}/u.test(text))
    throw invalidName(`${quote(text)} contains a control or broken character`)
  const segments = text.split('/')
  const head = segments[0] ?? ''
  const form = NAME_FORMS.find(({ matches }) => matches(head, text, suffix))
  if (form === undefined) throw invalidName(`${quote(text)} follows none of the forms of a name`)
  const { name, path } = form.read(segments, text, suffix)
  if (path === '') return name
  throw invalidName(`the name ends before ${quote(`/${path}`)}`, `leave the path away: ${formatName(name, options)}`)
}

/** The one written form of a name: `parseName(formatName(name))` equals `name`. */
export function formatName(name: Name, options: NameOptions = {}): string {
  switch (name.kind) {
    case 'page':
      return formatOwner(name.owner, name.network, options)
    case 'service':
      return `${formatOwner(name.owner, name.network, options)}/${name.service}${formatSelector(name.version)}`
    case 'local':
      return `local.land/_/${name.service}${formatSelector(name.version)}`
    case 'cid':
      return name.path === '' ? name.cid : `${name.cid}/${name.path}`
    case 'folder':
      return name.path
    case 'peer':
      return name.peer
    case 'external':
      if (name.resolver === 'https') return `https://${name.location}`
      return `${name.resolver}/${name.location}${name.ref === null ? '' : `@${name.ref}`}`
  }
}

function formatOwner(owner: Owner, network: string | null, { suffix = DEFAULT_SUFFIX }: NameOptions): string {
  const text = 'key' in owner ? `~${owner.key}` : owner.username
  if (network !== null) return `${network}.land/${text}`
  return 'key' in owner ? text : `${text}.${suffix}`
}
