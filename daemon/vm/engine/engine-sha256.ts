/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '4c618ca39a40196c343412b7d0aa4b4f72f5098a568dec7673c8650ea614714d'
