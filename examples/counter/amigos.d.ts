/** What a contract may ask about the call it serves. */
declare module 'amigos:context' {
  /** User ID of whoever signed this call. */
  export function caller(): string
  /** User ID of the owner of this service. */
  export function owner(): string
  /** ID of this service; the empty string while `init` runs, because the ID is the hash of what it makes. */
  export function service(): string
  /** Adds a line to the log of this call; it is shown to the caller and not kept. */
  export function log(...values: unknown[]): void
}
