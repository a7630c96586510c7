/** sha-256 of the instrumented engine, asserted wherever one is built or loaded. It changes with all that can change results. */
export const ENGINE_SHA256 = 'a6622eecdf74d6538499e45a84992853956c6b5fd775fe7fc4565609bbc22c4f'
