/** How long the callers of a service wait while another service on the same node computes without end. */
import { type Host, startHost } from '../../support/host.ts'
import type { Row } from '../kit/report.ts'

const COUNTER = 'let n = 0\nexport function increment(): number { return ++n }'
const ENDLESS = 'export function spin(): void { for (;;); }'
const CALLS = 1_000

export async function besideHostile(): Promise<Row> {
  const host = await startHost({ workers: 2 })
  try {
    const healthy = await host.serve(COUNTER, { as: 'healthy' })
    const hostile = await host.serve(ENDLESS, { as: 'hostile', manifest: manifest('limits:\n  gas: 2000000000\n') })
    for (let i = 0; i < CALLS; i++) await host.call(healthy, 'increment')
    const alone = await p99(host, healthy)
    let over = false
    const attack = async (): Promise<void> => {
      while (!over) await host.call(hostile, 'spin').catch(() => undefined)
    }
    const attacks = attack()
    const beside = await p99(host, healthy)
    over = true
    await attacks
    return { name: 'healthy-beside-hostile-p99', value: beside, unit: 'ms', peer: 'the same alone', peerValue: alone }
  } finally {
    await host.stop()
  }
}

const manifest = (more: string): string => `name: hostile\nversion: 0.1.0\nmain: main.ts\n${more}`

/** Of durable calls one after the other, in milliseconds. */
async function p99(host: Host, service: Parameters<Host['call']>[0]): Promise<number> {
  const taken: number[] = []
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now()
    await host.call(service, 'increment')
    taken.push(performance.now() - start)
  }
  return taken.sort((a, b) => a - b)[Math.floor(CALLS * 0.99)]!
}
