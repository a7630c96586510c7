/** Writes specs/vectors/vm.json anew: `node test/vm/write-vectors.ts`, whenever the engine changes. */
import { readFile, writeFile } from 'node:fs/promises'
import { buildEngine } from '../../daemon/vm/engine/build-engine.ts'
import { ENGINE_CID } from '../../daemon/vm/engine/engine-cid.ts'
import { readGuestProfile } from '../../daemon/vm/engine/guest-profile.ts'
import { createQuickJs } from '../../daemon/vm/machine/quickjs.ts'
import { BROAD_CONTRACT, operations } from './broad-contract.ts'
import { IMPORTS_CONTRACT, importsSteps } from './imports-contract.ts'
import { LIMITS_CONTRACT, limitsSteps } from './limits-contract.ts'
import { type Asked, replay, type ServiceVector, type Vectors } from './vectors.ts'

const BROAD_STEPS = 120
const file = new URL('../../specs/vectors/vm.json', import.meta.url)

const module = new WebAssembly.Module(await buildEngine())
const engine = createQuickJs(module, readGuestProfile(module))

const broad = [...operations(BROAD_STEPS, 3)].map(
  (operation, i): Asked => ({ how: i % 4 === 3 ? 'query' : 'call', ...operation, gasLimit: '1000000000' }),
)

function record(name: string, source: string, steps: readonly Asked[]): ServiceVector {
  const { genesis, ended } = replay(engine, source, steps)
  return { name, module: source, genesis: genesis!, steps: steps.map((step, i) => ({ ...step, ...ended[i]! })) }
}

const vectors: Vectors = {
  about:
    'See specs/vm.md. Step i of a service, counted from 0, has the time 1700000001000 + 1000 i and a seed of 32 bytes i + 1; its caller and origin are user:caller, its chain is empty, its owner user:owner, its service service:id, its largest result 65536 bytes. A step has the answers to its asks, and the asks as [import, method, arguments, gas]. The genesis is step -1: init with [] and a gasLimit of 1000000000.',
  engine: ENGINE_CID,
  services: [
    record('broad', BROAD_CONTRACT, broad),
    record('limits', LIMITS_CONTRACT, limitsSteps()),
    record('imports', IMPORTS_CONTRACT, importsSteps()),
  ],
}
const before = await readFile(file, 'utf8').catch(() => '')
const text = `${JSON.stringify(vectors, undefined, 2)}\n`
if (text !== before) await writeFile(file, text)
console.log(text === before ? 'unchanged' : 'written')
