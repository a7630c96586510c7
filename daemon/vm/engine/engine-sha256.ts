/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '82e60f23ae2cac99468e1444ede34bb81b07f1488fb2279fe6a86a8aa7dc431f'
