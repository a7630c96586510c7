import assert from 'node:assert/strict'
import { enough, nextStep, type PublicationState } from '../../registry/home/republish.ts'
import { HOUR, NOON } from './helpers.ts'

const SECOND = 1000

describe('registry republisher', () => {
  const step = (changes: Partial<PublicationState>, peers: number, now = NOON + 60 * SECOND) => {
    const usual = { expires: NOON + 48 * HOUR, seenBy: 5, publishedAt: NOON, attemptedAt: NOON, peers: 5, failures: 0 }
    return nextStep({ ...usual, ...changes }, peers, now)
  }

  it('rests while enough peers hold a fresh record', () => {
    assert.equal(step({}, 5), 'rest')
    assert.equal(step({ seenBy: 3 }, 5), 'rest')
    assert.equal(step({}, 5, NOON + 4 * HOUR - 1), 'rest')
  })

  it('rests while there is nobody to tell, whatever is due', () => {
    assert.equal(step({ seenBy: 0, attemptedAt: 0 }, 0), 'rest')
    assert.equal(step({}, 0, NOON + 47 * HOUR), 'rest')
  })

  it('puts what nobody, too few or nobody lately stored', () => {
    assert.equal(step({ seenBy: 0, attemptedAt: 0 }, 1, NOON), 'put')
    assert.equal(step({ seenBy: 2 }, 5), 'put')
    assert.equal(step({}, 5, NOON + 4 * HOUR), 'put')
  })

  it('puts it again for peers that came after', () => {
    assert.equal(step({ seenBy: 4, peers: 4 }, 5), 'put')
    assert.equal(step({ seenBy: 20, peers: 30 }, 90), 'rest')
    assert.equal(step({ seenBy: 4, peers: 5 }, 5), 'rest')
  })

  it('signs anew what has less than a day to live', () => {
    assert.equal(step({}, 5, NOON + 24 * HOUR + 1), 'sign')
    assert.equal(step({ expires: NOON }, 1), 'sign')
  })

  it('waits longer after each failure, up to ten minutes', () => {
    const gap = (failures: number) => {
      const due = (after: number) => step({ seenBy: 0, failures }, 5, NOON + after * SECOND) === 'put'
      return [5, 10, 20, 40, 80, 160, 320, 600].find(due)
    }
    assert.deepEqual([0, 1, 2, 3, 6, 7, 99].map(gap), [5, 10, 20, 40, 320, 600, 600])
  })

  it('is not silenced by a clock that was set back', () => {
    assert.equal(step({ seenBy: 0, attemptedAt: NOON + 100 * HOUR, failures: 9 }, 5), 'put')
  })

  it('is content with half of those who could hold it', () => {
    assert.deepEqual([1, 2, 3, 20, 21, 1000].map(enough), [1, 1, 2, 10, 10, 10])
  })
})
