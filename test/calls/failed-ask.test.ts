import assert from 'node:assert/strict'
import { CallsError } from '../../daemon/calls/errors.ts'
import { broke, failedAnswer, TreeCallFailed } from '../../daemon/calls/tree/failed-ask.ts'

const NAME = 'carol.amigos.net/stock'
const asked = { import: NAME, method: 'take', gas: 100n }
const messageOf = (error: unknown): string => failedAnswer(error, asked).message

describe('what a contract is told of an ask that failed', () => {
  it('names the import and its function, then the code', () => {
    const down = new CallsError('TIMED_OUT', 'Too late.', '')
    assert.equal(messageOf(down), `take of ${NAME}: TIMED_OUT: Too late.`)
    const threw = new TreeCallFailed(new CallsError('CONTRACT_THREW', 'RangeError: no', ''), 1n)
    assert.equal(messageOf(threw), `take of ${NAME}: RangeError: no`)
  })

  it('names the import once', () => {
    assert.equal(messageOf(broke(NAME, 'it lies')), `IMPORT_BROKE: The import ${NAME} is not what it was: it lies.`)
  })

  it('says nothing of what went wrong inside a host', () => {
    const answer = failedAnswer(Object.assign(new Error('/home/carol'), { code: 'ENOENT', errno: -2 }), asked)
    assert.equal(answer.code, 'HOST_FAILED')
    assert.doesNotMatch(answer.message, /carol\b(?!\.amigos)/)
  })

  it('keeps the beginning and the end of what many passed on', () => {
    const message = messageOf(new CallsError('CONTRACT_THREW', `${'ImportError: '.repeat(76)}the reason`, ''))
    assert.equal(message.length, 1_000)
    assert.match(message, /^take of carol.* \.\.\. .*the reason$/)
  })

  it('costs no more than it was given', () => {
    assert.equal(failedAnswer(new TreeCallFailed(new CallsError('OUT_OF_GAS', 'No gas.', ''), 1_000n), asked).gas, 100n)
  })
})
