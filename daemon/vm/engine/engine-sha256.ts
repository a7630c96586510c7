/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '6ff88289cb772c8d7f9f838fd44e08c043d390c0eb9918130efa6057c2d40ded'
