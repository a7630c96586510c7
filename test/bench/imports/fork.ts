/** What a fork of a service with a large state costs whose blocks are here already; beside copying that state. */
import { createFork } from '../../../daemon/calls/life/fork.ts'
import { createTryCode } from '../../../daemon/calls/versions/try-code.ts'
import type { Write } from '../../../daemon/store/database-types.ts'
import { createSerial } from '../../../registry/serial.ts'
import { type Host, startHost } from '../../support/host.ts'
import { median } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'

const STATE_BYTES = 50_000_000
const TIMES = 51
/** No page of it is like another. */
const LARGE = `
const state = new Uint32Array(${STATE_BYTES / 4})
export function init(): void {
  for (let i = 0; i < 1024; i++) state[i] = i * 2654435761
  for (let length = 1024; length < state.length; length *= 2) state.copyWithin(length, 0, length)
  for (let i = 0; i < state.length; i += 1024) state[i] = i + 1
}
export function set(at: number): number { return state[at] = 1 }
`

export async function forkOfLargeState(): Promise<Row[]> {
  const host = await startHost()
  try {
    const service = await host.serve(LARGE, { as: 'large' })
    await host.call(service, 'set', [0])
    await host.history.idle()
    const written = countBytes(host)
    const times: number[] = []
    const fork = forkOn(host)
    const signal = new AbortController().signal
    for (let i = 0; i < TIMES; i++) {
      const start = performance.now()
      await fork({ head: (await host.history.head(service))! }, `fork-${i}`, { signal })
      times.push(performance.now() - start)
    }
    const bytes = written() / TIMES
    const [copied, ms] = await copyOf(host)
    return [
      { name: 'fork-50mb', value: median(times), unit: 'ms', peer: 'synced write of the pages', peerValue: ms },
      { name: 'fork-50mb-stored', value: bytes, unit: 'B', peer: 'the pages', peerValue: copied },
    ]
  } finally {
    await host.stop()
  }
}

function forkOn(host: Host): ReturnType<typeof createFork> {
  const { vm, history, contracts, names, identity, content, forks } = host
  const replayer = { behind: () => undefined, mismatch: () => undefined }
  const tryCode = createTryCode({ vm, contracts, content })
  return createFork({
    ...{ vm, history, contracts, names, identity, replayer, tryCode, forks },
    ...{ naming: createSerial(), now: Date.now },
  })
}

/** Bytes of keys and values in the batches from now on. */
function countBytes({ database }: Host): () => number {
  const commit = database.commit
  let bytes = 0
  database.commit = (writes) => {
    for (const one of writes) bytes += lengthOf(one)
    return commit(writes)
  }
  return () => {
    database.commit = commit
    return bytes
  }
}

function lengthOf(write: Write): number {
  if ('delete' in write) return 0
  return write.put === 'block' ? write.cid.bytes.length + write.bytes.length : write.key.length + write.value.length
}

/** Writes as much as the state has, once: its bytes and milliseconds. */
async function copyOf({ database }: Host): Promise<[bytes: number, ms: number]> {
  const page = 4096
  const pages = Math.ceil(STATE_BYTES / page)
  const start = performance.now()
  for (let from = 0; from < pages; from += 1024) {
    const count = Math.min(1024, pages - from)
    const writes = Array.from({ length: count }, (_, i): Write => {
      return { put: 'meta', key: `bench/${from + i}`, value: crypto.getRandomValues(new Uint8Array(page)) }
    })
    await database.commit(writes)
  }
  return [pages * page, performance.now() - start]
}
