import { CODES, EXIT, type ExitClass } from './codes.ts'

const CLASS_OF: ReadonlyMap<string, ExitClass> = new Map(
  Object.entries(CODES).flatMap(([name, codes]) => codes.map((code) => [code, EXIT[name as keyof typeof CODES]])),
)

/** The exit class of an error code; one that nobody knows, from a peer of another version, is a failure. */
export function exitClassOf(code: string): ExitClass {
  return CLASS_OF.get(code) ?? EXIT.failed
}
