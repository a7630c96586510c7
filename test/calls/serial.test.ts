import assert from 'node:assert/strict'
import { createSerial } from '../../daemon/calls/serial.ts'

describe('one thing at a time', () => {
  it('keeps the order, also after a failure, and counts what waits', async () => {
    const serial = createSerial()
    const order: number[] = []
    const gate = Promise.withResolvers<void>()
    const first = serial.run(async () => {
      await gate.promise
      order.push(1)
      throw new Error('mine alone')
    })
    const second = serial.run(async () => order.push(2))
    assert.equal(serial.size, 2)
    gate.resolve()
    await assert.rejects(first, /mine alone/)
    await second
    assert.deepEqual(order, [1, 2])
    assert.equal(serial.size, 0)
  })
})
