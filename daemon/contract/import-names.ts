/** How imports are written: in amigo.yaml, in code, and in the block of a contract. */
import { MAX_IMPORTS } from './constants.ts'
import { isRecord } from './is-record.ts'
import type { ImportMode, ImportRule, Manifest } from './types.ts'

const LABEL = '[a-z0-9]+(?:-[a-z0-9]+)*'
const KEY = '~k51[0-9a-z]{59}'
/** `alice.amigos.net/forum`, `~k51.../forum`, `local.land/_/forum`, `preview.land/alice/forum`: one service, without a version */
const NAME = new RegExp(
  `^(?:${KEY}/${LABEL}|local\\.land/_/${LABEL}|(?!local\\.)${LABEL}\\.land/(?:${KEY}|${LABEL})/${LABEL}|(?:${LABEL}\\.)+(?!land/)${LABEL}/${LABEL})$`,
)
const NUMBER = '(?:0|[1-9]\\d{0,8})'
/** `*`, `^1.2`, `~1.2.3`, `1`, `1.2`, `v1`, or a whole version */
const RANGE = new RegExp(
  `^(?:\\*|[~^]?${NUMBER}(?:\\.${NUMBER}){0,2}|v${NUMBER}|${NUMBER}(?:\\.${NUMBER}){2}-[0-9A-Za-z.-]{1,40})$`,
)

export const IMPORT_MODES: readonly ImportMode[] = ['live', 'code', 'fork']
/** longer than any name of the forms above on a network that somebody would type */
const MAX_LENGTH = 200

/** Whether this is the name of a service that can be imported, in its one written form and without a version. */
export function isImportName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= MAX_LENGTH && NAME.test(name)
}

/** Whether a name that can be imported is of another network: `preview.land/alice/forum`. */
export function isElsewhere(name: string): boolean {
  return /^(?!local\.)[^./]+\.land\//.test(name)
}

/** The network that such a name names: `preview`. */
export function networkNamed(name: string): string | undefined {
  return isElsewhere(name) ? name.slice(0, name.indexOf('.')) : undefined
}

/** How a manifest says that the network of such a name is reached, if it does: an invite. */
export function inviteFor(name: string, { networks = {} }: Pick<Manifest, 'networks'>): string | undefined {
  const network = networkNamed(name)
  return network !== undefined && Object.hasOwn(networks, network) ? networks[network] : undefined
}

/** Whether this is a range of versions as amigo.yaml may have it. */
export function isRange(range: unknown): range is string {
  return typeof range === 'string' && RANGE.test(range)
}

/** Whether these are the imports of a manifest as a block may hold them. */
export function isImportRules(value: unknown): value is Record<string, ImportRule> {
  if (!isRecord(value)) return false
  const entries = Object.entries(value)
  return entries.length <= MAX_IMPORTS && entries.every(([name, rule]) => isImportName(name) && isRule(rule))
}

function isRule(value: unknown): value is ImportRule {
  if (!isRecord(value) || Object.keys(value).length !== 2) return false
  const { range, mode } = value
  return isRange(range) && IMPORT_MODES.includes(mode as ImportMode)
}
