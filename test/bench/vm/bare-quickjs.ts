import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { EvalFlags, QuickJS } from 'quickjs-wasi'

/** The engine as its package offers it: not metered, nothing tracked, nothing put back. */
export async function createBareQuickJs(source: string): Promise<(name: string) => unknown> {
  const wasm = new WebAssembly.Module(await readFile(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'))))
  const vm = await QuickJS.create({ wasm, memoryLimit: 64 << 20 })
  const promise = vm.evalCode(source, 'contract.js', EvalFlags.TYPE_MODULE)
  vm.executePendingJobs()
  const resolved = await vm.resolvePromise(promise)
  if (!('value' in resolved)) throw new Error('The contract did not load.')
  const namespace = resolved.value
  return (name) => vm.dump(vm.callFunction(namespace.getProp(name), vm.undefined))
}
