/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'b6dadadfa2d8445b31b2a1e3417d5c5b38ddcbb641ccf15ee77ef5550522a60f'
