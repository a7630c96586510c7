import { hash } from 'node:crypto'
import { ASK_BYTES_MAX, EVENT_BYTES_MAX, MAX_WASM_PAGES, WASM_PAGE } from '../constants.ts'
import { HOST_CALL_GAS, SHA256_BYTE_GAS, SHA256_GAS, SIGNATURE_GAS } from '../prices.ts'
import type { Asks } from './asks.ts'
import { verifyEd25519 } from './ed25519.ts'
import type { Instance } from './instance.ts'
import type { Box, QuickJsValues } from './quickjs-values.ts'
import { readUtf8 } from './read-utf8.ts'
import type { Services } from './services.ts'

/** A function of the host, by the boxes of its arguments; there are as many as its callers in the runtime give. */
export type HostFunction = (...args: Box[]) => Box

/** Longest name of an event, CID, key or import that is looked at, in bytes; the runtime bounds most of them before. */
const SHORT_TEXT = 768
const NO_BYTES = new Uint8Array(0)

/** The functions of the host that the runtime (daemon/vm/guest) knows by name. */
export function createHostFunctions(
  instance: Instance,
  values: QuickJsValues,
  services: Services,
  asks: Asks,
  pay: (units: bigint) => boolean,
): ReadonlyMap<string, HostFunction> {
  const nothing = () => values.undefinedValue()
  const say = (text: string) => values.newString(Buffer.from(text))

  const functions: Record<string, HostFunction> = {
    log(line) {
      const room = services.logRoom()
      const text = room > 0 ? values.readText(line, room) : undefined
      if (text) services.log(text)
      return nothing()
    },
    kind: (value) => (values.isProxy(value) ? say('Proxy') : values.className(value)),
    callId: () => say(services.callId()),
    gasLeft: () => say(String(instance.gas.value)),
    emit(name, value) {
      const why = services.emit(textOf(values, name), values.readText(value, EVENT_BYTES_MAX))
      return why === undefined ? nothing() : say(why)
    },
    sha256(data) {
      const bytes = values.isString(data) ? values.readText(data, MAX_WASM_PAGES * WASM_PAGE)! : values.bytesView(data)
      if (!pay(SHA256_GAS + SHA256_BYTE_GAS * BigInt(bytes.length))) return nothing()
      return values.newBytes(hash('sha256', bytes, 'buffer'))
    },
    verify(key, message, signature) {
      if (!pay(SIGNATURE_GAS + SHA256_BYTE_GAS * BigInt(values.bytesView(message).length))) return nothing()
      const good = verifyEd25519(values.bytesView(key), values.bytesView(message), values.bytesView(signature))
      return say(good ? '1' : '0')
    },
    get(cid) {
      const found = services.get(textOf(values, cid))
      return typeof found === 'string' ? say(found) : values.newBytes(found)
    },
    ask(name, method, args) {
      const why = asks.add(textOf(values, name), textOf(values, method), values.readText(args, ASK_BYTES_MAX))
      return why === undefined ? nothing() : say(why)
    },
    put: (bytes) => say(services.put(values.bytesView(bytes))),
  }
  return new Map(
    Object.entries(functions).map(([name, run]) => [
      name,
      (...args: Box[]) => (pay(HOST_CALL_GAS) ? run(...args) : nothing()),
    ]),
  )
}

/** A short text; of a longer one nothing, which is no name of anything. */
function textOf(values: QuickJsValues, box: Box): string {
  return readUtf8(values.readText(box, SHORT_TEXT) ?? NO_BYTES)
}
