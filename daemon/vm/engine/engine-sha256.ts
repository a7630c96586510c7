/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'a84078add2ca1a1f5f5ae121ca5d2cf649617fc25cba30b5e1a300bce6e24013'
