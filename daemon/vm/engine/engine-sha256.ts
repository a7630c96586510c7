/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'bd1b9324ff176337c14abd4ceff36daa67fd273b2b9e99fde5077bec43877200'
