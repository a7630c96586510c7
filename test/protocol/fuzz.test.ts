import assert from 'node:assert/strict'
import { createMutations, createRandom } from '../support/frame-mutations.ts'
import { fuzzDecoder } from '../support/fuzz-decoder.ts'
import { fuzzLive, LIVE_IDS } from './fuzz-live.ts'
import { createTestnet } from './nodes.ts'
import { readFrames } from './vectors.ts'

/** `npm run bench -- fuzz` tries a million and ten thousand. */
const DECODED = 30_000
const SENT = 300

describe('mutated frames', () => {
  it('are refused with a code, or are frames', () => {
    const { accepted, refused } = fuzzDecoder(createMutations(readFrames(), createRandom(1)), DECODED)
    assert.ok(accepted > DECODED / 20, `only ${accepted} were frames: nothing behind the decoder was tried`)
    for (const code of [
      'MALFORMED',
      'NOT_CANONICAL',
      'INVALID',
      'UNKNOWN',
      'TOO_DEEP',
      'TOO_LARGE',
      'TOO_MANY_ELEMENTS',
    ])
      assert.ok(refused.has(`FRAME_${code}`), `no frame was FRAME_${code}`)
  })

  it('end their session if they have to, count against their sender, and disturb nobody else', async () => {
    const net = createTestnet()
    try {
      const found = await fuzzLive(net, createMutations(readFrames(), createRandom(2), LIVE_IDS), SENT)
      assert.ok(found.offences > SENT / 2, `only ${found.offences} offences`)
      assert.equal(found.refusals, found.due)
    } finally {
      await net.stop()
    }
  })
})
