/** A commit that is being written: known by its CID, but not there yet. */
import assert from 'node:assert/strict'
import { holdNextCommit } from '../support/hold-commit.ts'
import { applyDelta } from '../support/image.ts'
import type { Workspace } from './kit.ts'
import { coded, createDelta, createWorkspace, grow, newCommit, sameImage } from './kit.ts'

describe('a commit that was begun', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  /** The next commit of a service with some, and what its state will be; its write waits. */
  const begun = async () => {
    const history = await workspace.history()
    const { service, heads, images } = await grow(history, 3)
    const { release } = holdNextCommit(history.database)
    const [before, delta] = [images.at(-1)!, createDelta(4)]
    const after = applyDelta(before, delta)
    const next = await history.begin(service, newCommit(delta, after))
    return { history, service, head: heads.at(-1)!, before, after, delta, next, release }
  }

  it('is signed before it is durable, and refuses other writes until then', async () => {
    const { history, service, head, after, next, release } = await begun()
    assert.equal(next.seq, head.seq + 1)
    assert.equal((await history.head(service))!.seq, head.seq)
    const another = createDelta(5)
    const more = newCommit(another, applyDelta(after, another))
    await assert.rejects(history.begin(service, more), coded('APPEND_CONFLICT'))
    release()
    await next.durable
    assert((await history.head(service))!.commit.equals(next.commit))
    sameImage((await history.image(service)).image, after)
    await history.append(service, { ...more, parent: next.commit })
    sameImage((await history.image(service)).image, applyDelta(after, another))
  })

  it('leaves the history as it was if it cannot be written, and what follows repeats what it changed', async () => {
    const { history, service, head, before, delta, next, release } = await begun()
    release(new Error('full'))
    await assert.rejects(next.durable, /full/)
    assert((await history.head(service))!.commit.equals(head.commit))
    sameImage((await history.image(service)).image, before)
    // the same lines with the same bytes: they must not be left out as known
    await history.append(service, newCommit(delta, applyDelta(before, delta)))
    sameImage((await history.image(service)).image, applyDelta(before, delta))
  })
})
