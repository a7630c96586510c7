import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { parseSelector } from '../../registry/grammar/selector.ts'
import { findService } from '../../registry/grammar/service-of.ts'
import { compareVersions, parseVersion } from '../../registry/grammar/version.ts'
import { link, service } from './helpers.ts'

const choose = (versions: string[], selector: string): string => {
  const services = versions.map((version) => service('forum', version))
  return findService(services, 'forum', parseSelector(selector)).version
}

describe('choosing a version', () => {
  const running = ['1.2.0', '1.10.3', '2.0.0', '0.3.1', '0.0.4', '3.0.0-beta.1', '2.1.0-rc.2']
  const choices: [selector: string, chosen: string][] = [
    ['latest', '2.0.0'],
    ['1.2.0', '1.2.0'],
    ['3.0.0-beta.1', '3.0.0-beta.1'],
    ['v1', '1.10.3'],
    ['v2', '2.0.0'],
    ['v0', '0.3.1'],
    ['^1', '1.10.3'],
    ['^1.2', '1.10.3'],
    ['^1.2.0', '1.10.3'],
    ['~1.2', '1.2.0'],
    ['~1', '1.10.3'],
    ['^0', '0.3.1'],
    ['^0.3', '0.3.1'],
    ['^0.3.1', '0.3.1'],
    ['^0.0', '0.0.4'],
    ['^0.0.4', '0.0.4'],
    ['~0.0.2', '0.0.4'],
    ['~2.0.0', '2.0.0'],
  ]
  for (const [selector, chosen] of choices)
    it(`@${selector} is ${chosen}`, () => assert.equal(choose(running, selector), chosen))

  for (const selector of [
    '1.2.1',
    'v3',
    '^3',
    '^1.11',
    '~1.3',
    '^0.0.3',
    '^0.3.2',
    '^2.1',
    '~2.0.1',
    '3.0.0-beta',
    '3.0.0',
    '^0.4',
  ]) {
    it(`@${selector} runs nowhere`, () =>
      assert.throws(() => choose(running, selector), { code: 'VERSION_NOT_RUNNING' }))
  }

  it('finds a service by its contract or its head', () => {
    const [one, two] = [service('forum', '1.0.0'), service('forum', '2.0.0-beta')]
    for (const wanted of [one, two]) {
      for (const cid of [wanted.contract, wanted.head]) {
        assert.equal(findService([one, two], 'forum', { kind: 'cid', cid: cid.toString() }), wanted)
      }
    }
    const elsewhere = { kind: 'cid', cid: link('another').toString() } as const
    assert.throws(() => findService([one, two], 'forum', elsewhere), { code: 'VERSION_NOT_RUNNING' })
  })

  it('lists what there is, of a long list the beginning', () => {
    const hintOf = (work: () => unknown): string => {
      try {
        work()
      } catch (error) {
        if (error instanceof RegistryError) return `${error.code} ${error.hint}`
      }
      return assert.fail('nothing was refused')
    }
    const many = Array.from({ length: 30 }, (_, number) => service(`s${number}`, '1.0.0'))
    assert.match(
      hintOf(() => findService(many, 'forum', { kind: 'latest' })),
      /^SERVICE_NOT_PUBLISHED .*s0, s1.* and 20 more$/,
    )
    assert.match(
      hintOf(() => findService([], 'forum', { kind: 'latest' })),
      /^SERVICE_NOT_PUBLISHED nothing/,
    )
    assert.match(
      hintOf(() => choose(['1.0.0-beta'], 'latest')),
      /^VERSION_NOT_RUNNING .*forum@1.0.0-beta/,
    )
  })

  it('orders versions as semver.org does', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ]
    fc.assert(
      fc.property(fc.nat(ordered.length - 1), fc.nat(ordered.length - 1), (left, right) => {
        const [a, b] = [parseVersion(ordered[left]!), parseVersion(ordered[right]!)]
        assert.equal(Math.sign(compareVersions(a!, b!)), Math.sign(left - right))
      }),
    )
  })
})
