import { isAccess } from './access.ts'
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_IMPORTS,
  MAX_NAME_LENGTH,
  MAX_NETWORKS,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  MAX_VERSION_LENGTH,
} from './constants.ts'
import { isImportRules } from './import-names.ts'
import { isLimits } from './limits.ts'
import { isNetworks } from './networks.ts'
import { pathProblem } from './path.ts'
import { isPlainText } from './text.ts'
import type { Manifest } from './types.ts'

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/
/** as semver.org gives it */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/

/** What each field of a manifest has to be, in a hint's words, and the check itself. One table for the file and for the block. */
export const MANIFEST_RULES: { [Field in keyof Manifest]-?: { is: string; ok: (value: unknown) => boolean } } = {
  name: {
    is: `1 to ${MAX_NAME_LENGTH} characters of a-z, 0-9 and single dashes between them, such as guest-book`,
    ok: (value) => typeof value === 'string' && value.length <= MAX_NAME_LENGTH && NAME.test(value),
  },
  version: {
    is: 'a semantic version of three numbers, such as 0.1.0',
    ok: (value) => typeof value === 'string' && value.length <= MAX_VERSION_LENGTH && SEMVER.test(value),
  },
  main: {
    is: 'the path of the entry module inside the folder, ending in .ts or .js, such as counter.ts',
    ok: (value) => typeof value === 'string' && pathProblem(value) === undefined && isModulePath(value),
  },
  description: {
    is: `a text of at most ${MAX_DESCRIPTION_LENGTH} characters`,
    ok: (value) => typeof value === 'string' && value.length <= MAX_DESCRIPTION_LENGTH && isPlainText(value),
  },
  tags: {
    is: `a list of at most ${MAX_TAGS} different words of a-z, 0-9 and dashes`,
    ok: (value) =>
      Array.isArray(value) &&
      value.length <= MAX_TAGS &&
      new Set(value).size === value.length &&
      value.every((tag) => typeof tag === 'string' && tag.length <= MAX_TAG_LENGTH && NAME.test(tag)),
  },
  access: { is: 'public, owner, or who may call, query and read the history', ok: isAccess },
  limits: { is: 'gas, memory, args, result, delta and queue, each in its range', ok: isLimits },
  imports: {
    is: `at most ${MAX_IMPORTS} names of services, each with its range and its mode: live, code or fork`,
    ok: isImportRules,
  },
  networks: {
    is: `at most ${MAX_NETWORKS} names of networks, each with an invite: { preview: amigo1... }`,
    ok: (value) => value === undefined || isNetworks(value),
  },
}

/** Whether esbuild and the interface reader take the file for code. */
function isModulePath(path: string): boolean {
  return (path.endsWith('.ts') && !path.endsWith('.d.ts')) || path.endsWith('.js')
}
