/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '3a89d79114ce4bc57f11df005ce3d6075547e760ad9c494a15dd16604de9d4bc'
