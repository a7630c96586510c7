/** Name of the custom section of the engine that holds the profile, as JSON. */
export const GUEST_SECTION = 'amigos:guest'

/** The name of the contract's own module, as its stack traces show it. */
export const CONTRACT_MODULE = 'contract.js'

/** How QuickJS is set up at genesis, and the modules that stand beside the contract. */
export interface GuestProfile {
  modules: Readonly<Record<string, { source: string; imports: readonly string[] }>>
  /** a bit for each group of built-in objects */
  intrinsics: number
  stackBytes: number
  heapBytes: number
  /** prices and limits of the host: nothing reads them here, but what decides a result is part of the engine's hash */
  bounds: Readonly<Record<string, number>>
}

/** The profile that was built into an engine. */
export function readGuestProfile(module: WebAssembly.Module): GuestProfile {
  const [section] = WebAssembly.Module.customSections(module, GUEST_SECTION)
  return JSON.parse(new TextDecoder().decode(section))
}
