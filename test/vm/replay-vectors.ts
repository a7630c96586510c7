/** Replays specs/vectors/vm.json in this process, whatever its flags and environment, and prints how all of it ended, as a digest. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readGuestProfile } from '../../daemon/vm/engine/guest-profile.ts'
import { loadEngine } from '../../daemon/vm/engine/load-engine.ts'
import { createQuickJs } from '../../daemon/vm/machine/quickjs.ts'
import { replay, type Vectors } from './vectors.ts'

const [cacheDir] = process.argv.slice(2)
if (cacheDir === undefined) throw new Error('usage: node replay-vectors.ts FOLDER_OF_THE_ENGINE')
const module = new WebAssembly.Module(await loadEngine(cacheDir))
const engine = createQuickJs(module, readGuestProfile(module))
const { services }: Vectors = JSON.parse(
  await readFile(new URL('../../specs/vectors/vm.json', import.meta.url), 'utf8'),
)
const all = services
  .map(({ module, steps }) => replay(engine, module, steps))
  .map(({ genesis, ended }) => ({ genesis, ended }))
console.log(hash('sha256', JSON.stringify(all)))
