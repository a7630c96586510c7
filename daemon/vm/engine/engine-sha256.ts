/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = '810a607c58be2001d48d11272d5861a1ed558a57dc882c76cbd6212d1dc74749'
