import assert from 'node:assert/strict'
import type { Stream } from '@libp2p/interface'
import { createStreamPort } from '../../protocol/wire/stream-port.ts'
import { untilTrue } from '../support/until.ts'
import { createTestnet } from './nodes.ts'

const PROTOCOL = '/port/1.0.0'

describe('a stream as a port of frames', () => {
  const net = createTestnet()
  after(() => net.stop())

  it('may be paused and resumed whenever, also after its end', async () => {
    const [a, b] = [await net.createBare(), await net.createBare()]
    const opened = Promise.withResolvers<Stream>()
    await b.handle(PROTOCOL, (stream) => opened.resolve(stream))
    const port = createStreamPort(await a.dialProtocol(b.getMultiaddrs(), PROTOCOL))
    await port.send([Uint8Array.of(1)], { signal: AbortSignal.timeout(10_000) })
    const other = createStreamPort(await opened.promise)
    for (const step of [port.pause, port.pause, port.resume, port.resume, other.pause]) step()
    port.abort()
    let isOver = false
    void other.ended({ signal: AbortSignal.timeout(10_000) }).then(() => (isOver = true))
    await untilTrue(() => isOver)
    for (const { pause, resume } of [port, other]) {
      assert.doesNotThrow(pause)
      assert.doesNotThrow(resume)
    }
  })
})
