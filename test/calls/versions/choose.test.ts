/** Which version a contract gets, and what a service may be upgraded to. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import type { LocalName } from '../../../daemon/calls/types.ts'
import { planUpgrade, runningVersion, versionFor } from '../../../daemon/calls/versions/choose.ts'
import { isRelease, lineOf, orderOf, withVersion } from '../../../daemon/calls/versions/line.ts'
import type { Contract, ExportedFunction } from '../../../daemon/contract/types.ts'
import { rawBlock } from '../../../daemon/store/block.ts'

const fn = (name: string, returns: 'string' | 'number' = 'string'): ExportedFunction => {
  return { name, kind: 'call', params: [], returns, result: { kind: returns }, doc: '' }
}
const contract = (version: string, functions: ExportedFunction[] = [fn('a')], salt = ''): Contract => {
  const cid: CID = rawBlock(Buffer.from(JSON.stringify([version, functions, salt]))).cid
  return { cid, manifest: { name: 'forum', version }, interface: functions } as unknown as Contract
}
/** Published as what their manifests say; what runs is the newest of each line, unless it is said otherwise. */
const entry = (published: Contract[], running = published) => {
  const lines = new Map(running.map((one) => [lineOf(one.manifest.version), one.cid]))
  return {
    name: 'forum',
    running: [...lines].map(([line, service]) => ({ line, service })),
    published: published.map(({ cid, manifest }) => ({ version: manifest.version, contract: cid })),
  }
}
const choose = (older: Contract[], newer: Contract, wanted?: string, running = older) =>
  versionFor(entry(older, running), newer, wanted, async (cid) => older.find((one) => one.cid.equals(cid))!)

describe('the version of a contract', () => {
  const first = contract('1.0.0')
  const newer = contract('1.1.0', [fn('a'), fn('b')])
  const second = contract('2.0.0', [fn('b')])

  it("is its manifest's while that is free", async () => {
    assert.equal(await choose([], first), '1.0.0')
    assert.equal(await choose([first], newer), '1.1.0')
    assert.equal(await choose([first], second), '2.0.0')
    await assert.rejects(choose([], contract('1.0.0+build')), { code: 'VERSION_INVALID' })
  })

  it('is the next patch if that is taken, the next minor if functions were added', async () => {
    const other = contract('1.0.0', [fn('a')], 'other code')
    assert.equal(await choose([first], other), '1.0.1')
    assert.equal(await choose([first], contract('1.0.0', [fn('a'), fn('c')])), '1.1.0')
    assert.equal(await choose([first, newer], contract('1.0.0', [fn('a'), fn('b')], 'x')), '1.1.1')
  })

  it('stays within its major version, also when another one is newer', async () => {
    assert.equal(await choose([first, second], contract('1.0.0', [fn('a')], 'mended')), '1.0.1')
    assert.equal(await choose([first, second], contract('1.0.5')), '1.0.5')
    assert.equal(await choose([first, second], contract('2.0.0', [fn('b')], 'mended')), '2.0.1')
    await assert.rejects(choose([first, newer, second], contract('1.0.5')), { code: 'VERSION_NOT_NEWER' })
  })

  it('of a pre-release is one again', async () => {
    const beta = contract('1.2.3-beta.1')
    assert.equal(await choose([first, beta], contract('1.2.3-beta.1', [fn('a')], 'x')), '1.2.3-beta.2')
    assert.equal(await choose([contract('2.0.0-rc')], contract('2.0.0-rc', [fn('a')], 'x')), '2.0.0-rc.1')
    assert.equal(await choose([first, beta], contract('1.2.3')), '1.2.3')
    await assert.rejects(choose([first], contract('1.0.0-rc.1')), { code: 'VERSION_NOT_NEWER' })
  })

  it('is the one it has, when the same contract comes again, also an older one', async () => {
    assert.equal(await choose([first, newer], newer), '1.1.0')
    assert.equal(await choose([first, newer], first), '1.0.0')
  })

  it('of which nothing runs any more does not begin again beside a newer one', async () => {
    await assert.rejects(choose([first, second], first, undefined, [second]), { code: 'VERSION_NOT_NEWER' })
    await assert.rejects(choose([first, second], contract('1.5.0'), undefined, [second]), { code: 'VERSION_NOT_NEWER' })
    assert.equal(await choose([first, second], second, undefined, []), '2.0.0')
  })

  it('is the one asked for, if it is newer and nobody has it', async () => {
    assert.equal(await choose([first], newer, '1.0.1-rc.1'), '1.0.1-rc.1')
    assert.equal(await choose([first, newer], newer, '2.0.0'), '2.0.0')
    await assert.rejects(choose([first], newer, '1.0.0'), { code: 'VERSION_TAKEN' })
    await assert.rejects(choose([first], newer, '0.9.0'), { code: 'VERSION_NOT_NEWER' })
    await assert.rejects(choose([], newer, 'one'), { code: 'VERSION_INVALID' })
    await assert.rejects(choose([newer], contract('1.0.5')), { code: 'VERSION_NOT_NEWER' })
  })

  it('is never given to two contracts, and never goes back in its line, whatever is published in whatever order', async () => {
    const versions = fc.constantFrom('0.1.0', '1.0.0', '1.0.1', '1.1.0', '2.0.0', '2.0.0-rc.1', '3.0.0-a')
    const steps = fc.array(
      fc.record({ own: versions, salt: fc.nat(4), wanted: fc.option(versions, { nil: undefined }) }),
    )
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const taken = new Map<string, string>()
        let name: LocalName = entry([])
        const known: Contract[] = []
        for (const { own, salt, wanted } of all) {
          const next = contract(own, salt > 2 ? [fn('a'), fn('b')] : [fn('a')], String(salt))
          known.push(next)
          const load = async (cid: CID) => known.find((one) => one.cid.equals(cid))!
          const version = await versionFor(name, next, wanted, load).catch((error: { code?: string }) => {
            assert.match(String(error.code), /^VERSION_(TAKEN|NOT_NEWER)$/)
            return undefined
          })
          if (version === undefined) continue
          const holder = taken.get(version)
          assert(holder === undefined || holder === String(next.cid), `${version} is taken`)
          const isNew = holder === undefined
          const rivals = [...taken.keys()].filter((one) => isRelease(version) && lineOf(one) === lineOf(version))
          if (isNew) for (const one of rivals) assert(orderOf(version, one) > 0, `${version} after ${one}`)
          taken.set(version, String(next.cid))
          name = withVersion(name, rawBlock(Buffer.from(lineOf(version))).cid, version, next.cid)
        }
        assert.equal(new Set(name.running.map(({ line }) => line)).size, name.running.length)
        assert.equal(name.published.length, taken.size)
      }),
      { numRuns: 300 },
    )
  })

  it('that runs is what its contract is published as, in its line', () => {
    const twice = { published: ['1.0.0', '2.0.0'].map((version) => ({ version, contract: first.cid })) }
    assert.equal(runningVersion(entry([first, newer]), first, 'v1'), '1.0.0')
    assert.equal(runningVersion(entry([first]), newer, 'v1'), '1.1.0')
    assert.equal(runningVersion(twice, first, 'v1'), '1.0.0')
    assert.equal(runningVersion(twice, first, 'v2'), '2.0.0')
    assert.equal(runningVersion({ published: [{ version: '3.0.0', contract: newer.cid }] }, newer), '3.0.0')
  })
})

describe('the plan of an upgrade', () => {
  const plan = (
    older: Contract,
    newer: Contract,
    { line = lineOf(older.manifest.version) as string | null, force = false } = {},
  ) =>
    planUpgrade(
      'forum',
      { contract: older, version: older.manifest.version, line },
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

  it('sends another major version to a service of its own, once others know this one', () => {
    assert.throws(() => plan(contract('1.0.0'), contract('2.0.0')), { code: 'MAJOR_NEEDS_OWN_NAME' })
    assert.throws(() => plan(contract('1.0.0'), contract('2.0.0'), { force: true }), { code: 'MAJOR_NEEDS_OWN_NAME' })
    assert.deepEqual(plan(contract('1.0.0', more), contract('2.0.0'), { line: null }).breaks, ['b: it is gone'])
  })

  it('warns of a version that is older', () => {
    assert.match(plan(contract('1.1.0'), contract('1.0.0', more)).warnings[0]!, /rollback/)
  })
})
