/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'd2d638125968c070007b1a486a26d3874608e748f0b8fade2e57125378a53106'
