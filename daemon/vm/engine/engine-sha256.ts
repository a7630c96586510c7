/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '3f30578cff85214ea216772456f76a8dd22c7f5ecd23908cbe595586896bc96f'
