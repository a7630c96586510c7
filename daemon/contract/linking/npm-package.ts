/** What is read of a package.json, and which packages cannot be part of a contract. */
import { MAX_LICENSE_LENGTH } from '../constants.ts'
import { isPackageName } from '../import-shape.ts'
import { isRecord } from '../is-record.ts'
import { MANIFEST_RULES } from '../manifest-rules.ts'
import { plainText } from '../text.ts'
import type { Refusal } from './refusal.ts'

export interface PackageJson {
  name: string
  version: string
  /** empty if it says none */
  license: string
  main: string | undefined
  module: string | undefined
  types: string | undefined
  exports: unknown
  imports: unknown
  /** whether its modules may be left out where nothing of them is used */
  isPure: boolean
}

/** Run by npm when a package is installed; what they leave behind differs from machine to machine. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall']

/** Reads a package.json, of the package that was looked for under `name`. @param noVersion where it need not have one */
export function readPackage(name: string, bytes: Uint8Array, noVersion?: string): PackageJson | Refusal {
  const json = parse(bytes)
  if (json === undefined)
    return { reason: 'its package.json cannot be read', hint: `Install it again: npm install ${name}` }
  const { license, licenses, scripts, gypfile } = json
  const version = json['version'] ?? noVersion
  // an alias (npm install b@npm:a) lies under another name than it has
  const named = isPackageName(json['name']) ? json['name'] : name
  if (typeof version !== 'string' || !MANIFEST_RULES.version.ok(version))
    return { reason: 'its package.json has no version', hint: 'Only published packages are bundled.' }
  const script = isRecord(scripts) ? INSTALL_SCRIPTS.find((one) => typeof scripts[one] === 'string') : undefined
  if (gypfile === true) return NATIVE
  if (script !== undefined)
    return {
      reason: `its package.json has the script ${script}, and a build runs none`,
      hint: 'Use a package that is JavaScript alone.',
    }
  return {
    name: named,
    version,
    license: plainText(licenseOf(license ?? licenses), MAX_LICENSE_LENGTH),
    main: textOf(json['main']),
    module: textOf(json['module']),
    types: textOf(json['types']) ?? textOf(json['typings']),
    exports: json['exports'],
    imports: json['imports'],
    isPure: json['sideEffects'] === false,
  }
}

export const NATIVE: Refusal = {
  reason: 'it has native parts, which run on one kind of machine alone',
  hint: 'Use a package that is JavaScript alone.',
}

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isRecord(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** An SPDX expression, or one of the older forms `{ type }` and lists of them. */
function licenseOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.slice(0, 10).map(licenseOf).filter(Boolean).join(' OR ')
  return isRecord(value) ? (textOf(value['type']) ?? '') : ''
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
