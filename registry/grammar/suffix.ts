import { MAX_NAME_LENGTH } from '../constants.ts'
import { quote } from '../quote.ts'
import { isExternalHost } from './external.ts'
import { invalidName, isUnder } from './name-forms.ts'

/** @throws {RegistryError} NAME_INVALID unless it is a DNS name of two labels or more that means nothing else here */
export function checkSuffix(suffix: string): string {
  const dns = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/
  if (suffix.length <= MAX_NAME_LENGTH / 2 && dns.test(suffix) && !isUnder(suffix, 'land') && !isExternalHost(suffix))
    return suffix
  throw invalidName(`${quote(suffix)} cannot be the suffix of a network`, "correct it in the network's manifest")
}
