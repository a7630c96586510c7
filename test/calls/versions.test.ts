/** Which version a contract gets, and what a service may be upgraded to. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { planUpgrade, runningVersion, versionFor } from '../../daemon/calls/versions.ts'
import type { Contract, ExportedFunction } from '../../daemon/contract/types.ts'
import { rawBlock } from '../../daemon/store/block.ts'

const fn = (name: string, returns: 'string' | 'number' = 'string'): ExportedFunction => {
  return { name, kind: 'call', params: [], returns, result: { kind: returns }, doc: '' }
}
const contract = (version: string, functions: ExportedFunction[] = [fn('a')], salt = ''): Contract => {
  const cid: CID = rawBlock(Buffer.from(JSON.stringify([version, functions, salt]))).cid
  return { cid, manifest: { name: 'forum', version }, interface: functions } as unknown as Contract
}
const entry = (...published: Contract[]) => ({
  name: 'forum',
  published: published.map(({ cid, manifest }) => ({ version: manifest.version, contract: cid })),
})

describe('the version of a contract', () => {
  const first = contract('1.0.0')
  const newer = contract('1.1.0', [fn('a'), fn('b')])

  it("is its manifest's while that is free", () => {
    assert.equal(versionFor(entry(), first, undefined), '1.0.0')
    assert.equal(versionFor(entry(first), newer, first), '1.1.0')
  })

  it('is the next patch if that is taken, the next minor if functions were added', () => {
    assert.equal(versionFor(entry(first), contract('1.0.0', [fn('a')], 'other code'), first), '1.0.1')
    assert.equal(versionFor(entry(first), contract('1.0.0', [fn('a'), fn('c')]), first), '1.1.0')
    assert.equal(versionFor(entry(first, newer), contract('1.0.0', [fn('a'), fn('b')], 'x'), newer), '1.1.1')
    const beta = contract('1.2.3-beta.1')
    assert.equal(versionFor(entry(beta), contract('1.2.3-beta.1', [fn('a')], 'other code'), beta), '1.2.4')
  })

  it('is the one it has, when the same contract comes again, also an older one', () => {
    assert.equal(versionFor(entry(first, newer), newer, newer), '1.1.0')
    assert.equal(versionFor(entry(first, newer), first, newer), '1.0.0')
  })

  it('is the one asked for, if it is newer than all and nobody has it', () => {
    assert.equal(versionFor(entry(first), newer, first, '1.0.1-rc.1'), '1.0.1-rc.1')
    assert.equal(versionFor(entry(first, newer), newer, newer, '2.0.0'), '2.0.0')
    assert.throws(() => versionFor(entry(first), newer, first, '1.0.0'), { code: 'VERSION_TAKEN' })
    assert.throws(() => versionFor(entry(first), newer, first, '0.9.0'), { code: 'VERSION_NOT_NEWER' })
    assert.throws(() => versionFor(entry(), newer, undefined, 'one'), { code: 'VERSION_INVALID' })
    assert.throws(() => versionFor(entry(newer), contract('1.0.5'), newer), { code: 'VERSION_NOT_NEWER' })
  })

  it('that runs is what its contract is published as', () => {
    assert.equal(runningVersion(entry(first, newer), first), '1.0.0')
    assert.equal(runningVersion(entry(first), newer), '1.1.0')
    assert.equal(runningVersion({ published: [{ version: '3.0.0', contract: newer.cid }] }, newer), '3.0.0')
  })
})

describe('the plan of an upgrade', () => {
  const plan = (older: Contract, newer: Contract, { isPublished = true, force = false } = {}) =>
    planUpgrade(
      'forum',
      { contract: older, version: older.manifest.version, isPublished },
      { contract: newer, version: newer.manifest.version },
      force,
    )
  const more = [fn('a'), fn('b')]

  it('lets functions be added', () => {
    assert.deepEqual(plan(contract('1.0.0'), contract('1.1.0', more)), { breaks: [], isForced: false, warnings: [] })
  })

  it('refuses what breaks callers within a major version, and says what', () => {
    const refused = (error: Error & { code?: string }) =>
      error.code === 'UPGRADE_BREAKS' && /b: it is gone/.test(error.message) && /a: it promised/.test(error.message)
    assert.throws(() => plan(contract('1.0.0', more), contract('1.1.0', [fn('a', 'number')])), refused)
    const forced = plan(contract('1.0.0', more), contract('1.1.0'), { force: true })
    assert.deepEqual([forced.breaks, forced.isForced], [['b: it is gone'], true])
  })

  it('lets another minor version below 1.0.0 break callers', () => {
    const plans = plan(contract('0.1.0', more), contract('0.2.0'))
    assert.deepEqual([plans.breaks, plans.isForced], [['b: it is gone'], false])
    assert.throws(() => plan(contract('0.1.0', more), contract('0.1.1')), { code: 'UPGRADE_BREAKS' })
  })

  it('sends another major version to a name of its own, once others know the service', () => {
    assert.throws(() => plan(contract('1.0.0'), contract('2.0.0')), { code: 'MAJOR_NEEDS_OWN_NAME' })
    assert.throws(() => plan(contract('1.0.0'), contract('2.0.0'), { force: true }), { code: 'MAJOR_NEEDS_OWN_NAME' })
    assert.deepEqual(plan(contract('1.0.0', more), contract('2.0.0'), { isPublished: false }).breaks, ['b: it is gone'])
  })

  it('warns of a version that is older', () => {
    assert.match(plan(contract('1.1.0'), contract('1.0.0', more)).warnings[0]!, /rollback/)
  })
})
