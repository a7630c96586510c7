/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'fd39b4e1fa6b4669f3a099a8101ac3c9a63a6569d95e1e85469d1758353b7631'
