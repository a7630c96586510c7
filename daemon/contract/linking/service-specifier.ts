import { isImportName } from '../import-names.ts'

/** What cannot be a package: `alice.amigos.net/forum`, `local.land/_/forum`, `~k51.../forum`. On networks of other suffixes amigo.yaml says it. */
const SERVICE = /^(~k51[a-z0-9]*|([a-z0-9-]+\.)+(amigos\.net|land))([/@]|$)/i

/** A specifier that is neither a path nor a module of the engine: the name of a service, perhaps with a range behind it, or of a package. */
export function splitSpecifier(specifier: string): { name: string; range?: string; isService: boolean } {
  const at = specifier.lastIndexOf('@')
  const isService = SERVICE.test(specifier)
  const name = at > 0 ? specifier.slice(0, at) : specifier
  if (at <= 0 || !(isService || isImportName(name))) return { name: specifier, isService }
  return { name, range: specifier.slice(at + 1), isService }
}
