import assert from 'node:assert/strict'
import { chooseTarget } from '../../daemon/calls/versions/choose-target.ts'
import { parseSelector } from '../../registry/grammar/selector.ts'
import { link } from '../registry/helpers.ts'

const versionOf = (version: string) => ({
  ...{ name: 'forum', version, contract: link(version), yanked: false, deprecated: null },
})

describe('what a name with a version stands for', () => {
  /** 1.1.0 was published and went back to 1.0.0; 2.0.0 never ran */
  const offer = {
    services: [
      { name: 'forum', version: '1.0.0', service: link('service'), contract: link('1.0.0'), head: link('head') },
    ],
    versions: ['1.0.0', '1.1.0', '2.0.0'].map(versionOf),
  }
  const choose = (text: string | undefined, code: boolean) => {
    const version = text === undefined ? ({ kind: 'latest' } as const) : parseSelector(text)
    const choice = chooseTarget(offer, { name: 'forum', version, code })
    return 'service' in choice ? `runs ${choice.service.version}` : `code ${choice.contract.version}`
  }

  it('is the service as it is now, if no version is named, or a major version alone', () => {
    for (const code of [true, false])
      for (const text of [undefined, 'v1']) assert.equal(choose(text, code), 'runs 1.0.0')
  })

  it('is what runs for whoever calls, and the newest code that fits for whoever takes it', () => {
    assert.equal(choose('^1.0', false), 'runs 1.0.0')
    assert.equal(choose('^1.0', true), 'code 1.1.0')
    assert.equal(choose('1.0.0', true), 'runs 1.0.0')
    assert.equal(choose('v2', true), 'code 2.0.0')
    assert.throws(() => choose('v2', false), { code: 'VERSION_NOT_RUNNING' })
  })

  it('is the past, if a commit is named: its newest one, one of a service that is known, or one that nobody gave', () => {
    const at = (commit: string, code: boolean, service?: 'service' | 'another' | null) =>
      chooseTarget(offer, {
        ...{ name: 'forum', code, version: parseSelector(link(commit).toString()) },
        service: service ? link(service) : service,
      })
    for (const code of [true, false]) {
      for (const [commit, service] of [['head'], ['past', 'service']] as const) {
        const choice = at(commit, code, service)
        assert('service' in choice && choice.at?.equals(link(commit)) && choice.warnings.length === 0)
      }
      for (const service of [null, 'another'] as const)
        assert.throws(() => at('past', code, service), { code: 'NOT_A_COMMIT' })
      const open = at('past', code)
      assert('service' in open && open.at?.equals(link('past')))
      assert.equal(open.warnings.length, code ? 1 : 0)
    }
    const now = at('1.0.0', true)
    assert('service' in now && now.at === undefined, 'a contract that runs is what it is now')
  })
})
