/** What was said of a version since it was published. */
import type { ListedVersion } from './types.ts'

export interface Marks {
  /** withdrawn */
  yanked: boolean
  /** why not to use it, or not any more */
  deprecated: string | null
}

type Named = { name: string; version: string }

/** What runs, with what was said of the version that it runs as. */
export function markServices<S extends Named>(
  services: readonly S[],
  versions: readonly ListedVersion[],
): (S & Marks)[] {
  const said = new Map(versions.map((one) => [`${one.name}@${one.version}`, one]))
  return services.map((service) => {
    const { yanked = false, deprecated = null } = said.get(`${service.name}@${service.version}`) ?? {}
    return { ...service, yanked, deprecated }
  })
}

/** Sentences for whoever uses this version all the same. */
export function warningsOf({ name, version, yanked, deprecated }: Named & Marks): string[] {
  if (!yanked && deprecated === null) return []
  const what = yanked ? 'was withdrawn by who published it' : 'is deprecated'
  return [`${name}@${version} ${what}${deprecated === null ? '' : `: ${deprecated}`}`]
}
