/** Bytes on the wire, of all connections: the part of libp2p's metrics that a person asks for. */
import type { Metrics, MultiaddrConnection } from '@libp2p/interface'

export interface Traffic {
  /** bytes since the start, handshakes and encryption included */
  readonly sent: number
  readonly received: number
}

/** Everything else that parts of libp2p would like to count is counted nowhere. */
const NOTHING = {
  update() {},
  increment() {},
  decrement() {},
  observe() {},
  reset() {},
  timer: () => () => {},
}

/** @returns live counters, and what `createLibp2p` takes as `metrics` */
export function createTraffic(): { traffic: Traffic; metrics: () => Metrics } {
  const traffic = { sent: 0, received: 0 }
  const nothing = (): typeof NOTHING => NOTHING

  const trackMultiaddrConnection = (connection: MultiaddrConnection): void => {
    connection.addEventListener('message', ({ data }) => {
      traffic.received += data.byteLength
    })
    const send = connection.send.bind(connection)
    connection.send = (data) => {
      traffic.sent += data.byteLength
      return send(data)
    }
  }

  const metrics = {
    trackMultiaddrConnection,
    trackProtocolStream() {},
    registerMetric: nothing,
    registerMetricGroup: nothing,
    registerCounter: nothing,
    registerCounterGroup: nothing,
    registerHistogram: nothing,
    registerHistogramGroup: nothing,
    registerSummary: nothing,
    registerSummaryGroup: nothing,
    traceFunction: (_name: string, traced: unknown) => traced,
    createTrace() {},
  }
  return { traffic, metrics: () => metrics as unknown as Metrics }
}
