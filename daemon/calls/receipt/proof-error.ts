/** What does not hold of a proof, and how that is told. */

/** What does not hold: the name of a field of the proof, or `signature`, `host`. */
export class ProofError extends Error {
  readonly field: string
  /** what was signed, and what the proof says, where that is short */
  readonly sides: { expected: string; found: string } | undefined

  constructor(field: string, sides?: { expected: string; found: string }) {
    super(`the ${field} does not hold`)
    this.name = 'ProofError'
    this.field = field
    this.sides = sides
  }
}

/** @throws ProofError with both sides */
export function requireSame(field: string, expected: string | number | bigint, found: string | number | bigint): void {
  if (expected !== found) throw new ProofError(field, { expected: String(expected), found: String(found) })
}

/** @throws ProofError about that field, whatever went wrong */
export async function attempt<T>(field: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch {
    throw new ProofError(field)
  }
}

/** @throws ProofError */
export function require(holds: boolean, field: string): void {
  if (!holds) throw new ProofError(field)
}

/** @throws ProofError, always */
export function fail(field: string): never {
  throw new ProofError(field)
}
