/** Writes specs/vectors/homes.json anew: node test/registry/write-vectors.ts */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeVectors } from './vectors.ts'

const file = join(import.meta.dirname, '../../specs/vectors/homes.json')
writeFileSync(file, `${JSON.stringify(await makeVectors(), null, 2)}\n`)
