import assert from 'node:assert/strict'
import { AmigoError } from '../../daemon/client/errors.ts'
import { resending } from '../../daemon/client/resending.ts'
import type { Outcome, Waiting } from '../../daemon/client/types.ts'

const failure = (code: string, outcome: Outcome = 'unknown') => new AmigoError(code, 'It failed.', '', outcome)

describe('client: a call that is sent again', () => {
  /** @param failures of one try after the other; then it is answered */
  const send = async (failures: AmigoError[], options: Waiting = {}, withinMs = 60_000) => {
    const pauses: number[] = []
    let tries = 0
    const wait = async (ms: number): Promise<void> => void pauses.push(ms)
    const trying = async (): Promise<string> => {
      const failed = failures[tries++]
      if (failed) throw failed
      return 'answered'
    }
    const came = await resending(trying, options, { withinMs, wait }).catch(
      ({ code, outcome }: AmigoError) => `${code} ${outcome}`,
    )
    return { came, tries, pauses }
  }
  const lost = failure('DAEMON_LOST')

  it('is so after pauses that grow, and not for ever', async () => {
    assert.deepEqual(await send([]), { came: 'answered', tries: 1, pauses: [] })
    const blip = await send([lost, lost, lost])
    assert.deepEqual([blip.came, blip.tries], ['answered', 4])
    assert.ok(blip.pauses.every((ms, i) => ms > 50 * 2 ** i && ms <= 100 * 2 ** i))
    const gone = await send(Array(99).fill(lost))
    assert.deepEqual([gone.came, gone.tries], ['DAEMON_LOST unknown', 9])
    assert.ok(gone.pauses.every((ms) => ms <= 3_000))
    assert.equal((await send([lost], {}, 0)).tries, 1)
  })

  it('waits no longer than its caller', async () => {
    const { pauses } = await send([lost, lost, lost, lost], { timeoutMs: 150 })
    assert.ok(pauses.every((ms) => ms <= 150))
  })

  it('is so only where nobody knows what became of it', async () => {
    for (const [code, outcome] of [
      ['CONTRACT_THREW', 'refused'],
      ['TOO_BUSY', 'not-sent'],
      ['SERVICE_BUSY', 'refused'],
      ['DAEMON_SILENT', 'unknown'],
      ['OUTCOME_UNKNOWN', 'unknown'],
      ['CANCELLED', 'not-sent'],
    ] as const)
      assert.deepEqual(await send([failure(code, outcome)]), { came: `${code} ${outcome}`, tries: 1, pauses: [] })
  })

  it('is in doubt when nobody takes it again, and not when its host says what became of it', async () => {
    assert.equal((await send([lost, failure('STOPPING', 'not-sent'), failure('BUSY', 'refused')])).came, 'answered')
    assert.equal((await send([lost, failure('CONTRACT_THREW', 'refused')])).came, 'CONTRACT_THREW refused')
    assert.equal((await send([lost, failure('PRUNED', 'executed')])).came, 'PRUNED executed')
    assert.equal((await send([lost, failure('NOT_CALLABLE', 'not-sent')])).came, 'NOT_CALLABLE unknown')
    assert.equal((await send([lost, failure('CANCELLED', 'not-sent')])).came, 'CANCELLED unknown')
    assert.equal((await send([lost, ...Array(9).fill(failure('BUSY', 'refused'))])).came, 'BUSY unknown')
  })
})
