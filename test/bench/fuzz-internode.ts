/**
 * Frames as attackers make them: a million against the decoder, ten thousand on live streams beside an honest node. Whatever is no code of
 * the protocol, and whatever rejects unheard, ends the process. Takes some three minutes.
 *
 *   npm run bench -- fuzz              FUZZ_PART=100 for a hundredth of it, FUZZ_SEED=n for others
 */
import { fuzzLive, LIVE_IDS } from '../protocol/fuzz-live.ts'
import { createTestnet } from '../protocol/nodes.ts'
import { readFrames } from '../protocol/vectors.ts'
import { createMutations, createRandom } from '../support/frame-mutations.ts'
import { fuzzDecoder } from '../support/fuzz-decoder.ts'
import { type Row, report } from './kit/report.ts'
import { watchStalls } from './kit/stalls.ts'

const PART = Number(process.env['FUZZ_PART'] ?? 1)
const DECODED = 1_000_000 / PART
const SENT = 10_000 / PART
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
/** A loop that is held up for longer keeps everybody waiting. */
const MOST_MS = 50

async function decoder(): Promise<Row[]> {
  const { accepted, refused, slowestMs } = fuzzDecoder(createMutations(readFrames(), createRandom(SEED)), DECODED)
  const coded = [...refused.values()].reduce((sum, count) => sum + count, accepted)
  return [
    { name: 'fuzz-decoder-frames', value: coded, unit: 'frames', peer: 'frames tried', peerValue: DECODED },
    { name: 'fuzz-decoder-slowest', value: slowestMs, unit: 'ms', peer: 'what is allowed', peerValue: MOST_MS },
  ]
}

async function live(): Promise<Row[]> {
  const net = createTestnet()
  const next = createMutations(readFrames(), createRandom(SEED + 1), LIVE_IDS)
  // what is compiled on its first use holds up nobody again
  await fuzzLive(net, next, 100)
  const watch = watchStalls()
  const found = await fuzzLive(net, next, SENT)
  const { wallMs, busyMs } = watch.stop()
  await net.stop()
  return [
    { name: 'fuzz-live-frames', value: found.frames, unit: 'frames', peer: 'frames sent', peerValue: SENT },
    { name: 'fuzz-live-offences', value: found.offences, unit: 'sessions', peer: 'frames sent', peerValue: SENT },
    { name: 'fuzz-live-refusals', value: found.refusals, unit: 'times', peer: 'times due', peerValue: found.due },
    { name: 'fuzz-live-stall', value: busyMs, unit: 'ms', peer: 'what is allowed', peerValue: MOST_MS },
    { name: 'fuzz-live-stall-wall', value: wallMs, unit: 'ms', peer: 'what is allowed', peerValue: MOST_MS },
  ]
}

await report([decoder, live])
