/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '1f5fd37e54458796d10b7a5620a2c421888540ef13e7f4ab7740d2079a15d14e'
