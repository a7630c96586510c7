/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '5c3c8900936e8387e970a8bb79dce391b6defb57876675ab29b8dde9b9b1420f'
