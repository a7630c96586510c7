/** Commits of several services that are written together, or not at all. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { holdNextCommit } from '../support/hold-commit.ts'
import { applyDelta } from '../support/image.ts'
import type { TestHistory, Workspace } from './kit.ts'
import { callRecord, coded, createDelta, createWorkspace, grow, newCommit, sameImage } from './kit.ts'

describe('a draft', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  /** Two services, and the next commits of each. */
  const two = async () => {
    const history = await workspace.history()
    const services = [await grow(history, 2), await grow(history, 3, { nonce: 2 })]
    return { history, a: nextOf(services[0]!), b: nextOf(services[1]!) }
  }

  const nextOf = ({ service, heads, images }: Awaited<ReturnType<typeof grow>>) => {
    const before = images.at(-1)!
    let [image, step] = [before, heads.length]
    const next = () => {
      const delta = createDelta(step++)
      image = applyDelta(image, delta)
      return { commit: newCommit(delta, image), image }
    }
    /** The first one, once more. */
    const again = () => {
      image = before
      step = heads.length
      return next()
    }
    return { service, head: heads.at(-1)!, before, next, again }
  }

  const standsAt = async (history: TestHistory, { service }: { service: CID }): Promise<string> =>
    (await history.head(service))!.commit.toString()

  it('is nowhere until it is written, and then all of it is', async () => {
    const { history, a, b } = await two()
    const draft = history.draft()
    const first = await draft.add(a.service, { ...a.next().commit, parent: a.head.commit })
    const ofB = b.next()
    const second = await draft.add(b.service, ofB.commit)
    const ofA = a.next()
    const third = await draft.add(a.service, { ...ofA.commit, parent: first.commit })
    assert.deepEqual([draft.length, first.seq, second.seq, third.seq], [3, 3, 4, 4])
    assert.equal(await standsAt(history, a), a.head.commit.toString())
    await assert.rejects(history.append(a.service, ofA.commit), coded('APPEND_CONFLICT'))
    await assert.rejects(history.draft().add(b.service, ofB.commit), coded('APPEND_CONFLICT'))
    await draft.write()
    assert.equal(await standsAt(history, a), third.commit.toString())
    assert.equal(await standsAt(history, b), second.commit.toString())
    sameImage((await history.image(a.service)).image, ofA.image)
    sameImage((await history.image(b.service)).image, ofB.image)
    assert.equal((await history.commit(third.commit)).parent?.toString(), first.commit.toString())
  })

  it('leaves everything as it was when it is dropped, or cannot be written', async () => {
    const { history, a, b } = await two()
    const dropped = history.draft()
    await dropped.add(a.service, a.next().commit)
    dropped.drop()
    const { release } = holdNextCommit(history.database)
    const failing = history.draft()
    for (const one of [a, b]) await failing.add(one.service, one.again().commit)
    release(new Error('full'))
    await assert.rejects(failing.write(), /full/)
    for (const one of [a, b]) {
      assert.equal(await standsAt(history, one), one.head.commit.toString())
      sameImage((await history.image(one.service)).image, one.before)
    }
    // nobody is in the way of what comes after
    const delta = createDelta(9)
    await history.append(a.service, newCommit(delta, applyDelta(a.before, delta)))
  })

  it('takes back the last ones, and goes on from there', async () => {
    const { history, a, b } = await two()
    const draft = history.draft()
    const { commit } = a.next()
    const first = await draft.add(a.service, commit)
    await draft.add(b.service, b.next().commit)
    await draft.add(a.service, a.next().commit)
    draft.keep(1)
    assert.equal(draft.length, 1)
    await draft.write()
    assert.equal(await standsAt(history, a), first.commit.toString())
    assert.equal(await standsAt(history, b), b.head.commit.toString())
  })

  it('keeps what calls of other services brought, short or long', async () => {
    const { history, a } = await two()
    const { commit } = a.next()
    const calls = [0, 10, 5_000].map((bytes, n) => ({
      ...callRecord(n + 1),
      ...(bytes > 0 && { inputs: new Uint8Array(bytes).fill(7) }),
    }))
    const { commit: cid } = await history.append(a.service, { ...commit, calls })
    const stored = (await history.commit(cid)).calls.map(({ inputs }) => inputs)
    assert.deepEqual(stored, [undefined, calls[1]!.inputs, calls[2]!.inputs])
  })
})
