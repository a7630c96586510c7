import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ENGINE_CID } from '../../daemon/vm/engine/engine-cid.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { cacheDir, loadTestEngine } from './kit.ts'
import { type Ended, replay, type Step, type Vectors } from './vectors.ts'

const file = new URL('../../specs/vectors/vm.json', import.meta.url)

describe('vm/vectors', () => {
  let vectors: Vectors
  let engine: Engine
  before(async () => {
    vectors = JSON.parse(await readFile(file, 'utf8'))
    engine = await loadTestEngine()
  })

  const ended = ({ end, message, gas, root, delta, asks }: Step): Ended => ({
    ...{ end, message, gas, root },
    ...(delta && { delta }),
    ...(asks && { asks }),
  })

  it('are of this engine; if not: node test/vm/write-vectors.ts', () => {
    assert.equal(vectors.engine, ENGINE_CID)
  })

  it('come out the same here, in one run and going on from an image in the middle', () => {
    for (const { name, module, genesis, steps } of vectors.services) {
      const warm = replay(engine, module, steps)
      assert.deepEqual(warm.genesis, genesis, name)
      assert.deepEqual(warm.ended, steps.map(ended), name)
      const half = steps.length >> 1
      const cold = replay(engine, module, steps, warm.images(half))
      assert.deepEqual(cold.ended, steps.slice(half).map(ended), name)
    }
  })

  it('come out the same whatever the time zone, the language and the hash seed of the process', async () => {
    const script = fileURLToPath(new URL('replay-vectors.ts', import.meta.url))
    const folder = await cacheDir()
    const digest = async (flags: string[], env: Record<string, string>) => {
      const options = { env: { ...process.env, ...env }, timeout: 60_000 }
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, folder], options)
      assert.match(stdout, /^[0-9a-f]{64}\n$/)
      return stdout
    }
    const here = await digest([], { TZ: 'UTC', LC_ALL: 'C' })
    const flags = ['--hash-seed=42', '--random-seed=7']
    assert.equal(await digest(flags, { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }), here)
    assert.equal(await digest(['--no-opt', '--liftoff-only'], { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' }), here)
  })

  it('hold failures of many kinds beside results', () => {
    const codes = vectors.services.flatMap(({ steps }) =>
      steps.map(({ end }) => end).filter((end) => /^[A-Z_]+$/.test(end)),
    )
    for (const code of [
      'CONTRACT_THREW',
      'OUT_OF_GAS',
      'OUT_OF_MEMORY',
      'STACK_OVERFLOW',
      'NEVER_SETTLED',
      'NO_SUCH_FUNCTION',
      'ANSWERS_NEEDED',
    ]) {
      assert(codes.includes(code), code)
    }
  })
})
