import { EXTERNAL_HOSTS, MAX_REF_LENGTH } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { quote } from '../quote.ts'
import type { ExternalName } from '../types.ts'

const SEGMENT = /^[A-Za-z0-9._-]+$/
const REF = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/
/** printable ASCII without space, double quote, <, >, backslash, ^, ` and braces, which no URL holds unescaped */
const URL_TEXT = /^[!#-;=?-[\]_a-z~]+$/i

/** Whether the name begins with a host that a resolver plug-in serves. */
export function isExternalHost(host: string): boolean {
  return EXTERNAL_HOSTS.includes(host)
}

/**
 * Reads `github.com/OWNER/REPO[/FOLDER...][@REF]`, without looking anything up.
 * @throws {RegistryError} NAME_INVALID
 */
export function parseRepository(host: string, rest: string): ExternalName {
  const at = rest.indexOf('@')
  const location = at < 0 ? rest : rest.slice(0, at)
  const ref = at < 0 ? null : rest.slice(at + 1)
  const segments = location.split('/')
  if (segments.length < 2) throw invalid(`${quote(`${host}/${rest}`)} lacks the repository`)
  if (!segments.every((segment) => SEGMENT.test(segment) && !isDots(segment))) {
    throw invalid(`${quote(location)} is not a path of a repository on ${host}`)
  }
  if (
    ref !== null &&
    (!REF.test(ref) || ref.length > MAX_REF_LENGTH || ref.split('/').some((part) => part === '' || isDots(part)))
  ) {
    throw invalid(`${quote(ref)} behind the @ is not a tag, branch or commit`)
  }
  return { kind: 'external', resolver: host, location, ref }
}

/**
 * Reads `https://HOST/...`, written as it stands: no credentials, no `..`, and no character that a URL parser would change.
 * @throws {RegistryError} NAME_INVALID
 */
export function parseUrl(text: string): ExternalName {
  const location = text.slice('https://'.length)
  const url =
    URL_TEXT.test(location) && URL.canParse(`https://${location}`) ? new URL(`https://${location}`) : undefined
  if (url === undefined || url.hostname === '') throw invalid(`${quote(text)} is not a URL`)
  if (url.username !== '' || url.password !== '')
    throw invalid('a URL with a user name or password in it is not a name')
  const normal = url.href.slice('https://'.length)
  // The parser adds the slash of a bare host and nothing else to a URL in its normal form
  if (normal !== location && normal !== `${location}/`) throw invalid(`${quote(text)} is not in its normal form`)
  return { kind: 'external', resolver: 'https', location: normal, ref: null }
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..'
}

function invalid(message: string): RegistryError {
  return new RegistryError('NAME_INVALID', message, 'write github.com/OWNER/REPO@TAG or a plain https:// address')
}
