/** What the tests of the virtual machine share. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGuestProfile } from '../../daemon/vm/engine/guest-profile.ts'
import { loadEngine } from '../../daemon/vm/engine/load-engine.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { createQuickJs } from '../../daemon/vm/machine/quickjs.ts'
import type { CallRequest, Vm } from '../../daemon/vm/types.ts'
import { createVm, type VmInit } from '../../daemon/vm/vm.ts'
import { bytes, message, request } from './requests.ts'

export { bytes, end, hex, message, type RequestOptions, request, TIME } from './requests.ts'

/** The engine, for machines in the thread of the test: enough for all that does not recurse deeply. */
export async function loadTestEngine(): Promise<Engine> {
  const module = new WebAssembly.Module(await loadEngine(await cacheDir()))
  return createQuickJs(module, readGuestProfile(module))
}

/** The same for mirrors. */
export async function loadMirrorEngine(): Promise<Engine> {
  const module = new WebAssembly.Module(await loadEngine(await cacheDir()))
  return createQuickJs(module, readGuestProfile(module), { offersHost: false })
}

export function machineOf(engine: Engine, source: string, init: CallRequest = request('init')): Machine {
  const { outcome, machine } = Machine.genesis(engine, bytes(source), init, { audit: true, groupMs: 60_000 })
  if (!machine) throw new Error(`the contract did not load: ${message(outcome)}`)
  return machine
}

export interface TestVm {
  vm: Vm
  /** what was reported as a crash */
  crashes: string[]
}

/** A VM that compares the whole memory around each call; the caller stops it. */
export async function testVm(init: VmInit = {}): Promise<TestVm> {
  const crashes: string[] = []
  const report = (detail: string) => void crashes.push(detail)
  return { vm: createVm({ report }, { cacheDir: await cacheDir(), audit: true, ...init }), crashes }
}

/** One folder for all tests of the run, so that the engine is built once. */
let folder: Promise<string> | undefined
export function cacheDir(): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), 'amigos-vm-'))
  return folder
}

after(async () => {
  if (folder) await rm(await folder, { recursive: true, force: true })
  folder = undefined
})
