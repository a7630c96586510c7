/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '24a8d8d969be05bb70c85003bbf1ee760a4270b15e7fe68cbdea0f8d40a969e2'
