import { createRequire } from 'node:module'
import type ts from 'typescript'

/** The compiler's programming interface. Required, because its package says of no format: `import` would first parse all 9 MB to guess it. */
export const typescript: typeof ts = createRequire(import.meta.url)('typescript')
