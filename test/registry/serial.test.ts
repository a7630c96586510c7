import assert from 'node:assert/strict'
import { createSerial } from '../../registry/serial.ts'

describe('one thing at a time', () => {
  it('keeps the order under one key, also after a failure', async () => {
    const serial = createSerial()
    const order: number[] = []
    const gate = Promise.withResolvers<void>()
    const first = serial('key', async () => {
      await gate.promise
      order.push(1)
      throw new Error('mine alone')
    })
    const second = serial('key', async () => order.push(2))
    gate.resolve()
    await assert.rejects(first, /mine alone/)
    await second
    assert.deepEqual(order, [1, 2])
  })

  it('lets another key go ahead', async () => {
    const serial = createSerial()
    const gate = Promise.withResolvers<void>()
    const first = serial('slow', () => gate.promise)
    assert.equal(await serial('quick', async () => 'done'), 'done')
    gate.resolve()
    await first
  })
})
