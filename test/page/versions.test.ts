/** What pages say of versions: what runs beside, and what was said of one. */
import assert from 'node:assert/strict'
import { nodePage } from '../../daemon/page/node-page.ts'
import { isServiceName } from '../../daemon/page/service-name.ts'
import { servicePage } from '../../daemon/page/service-page.ts'
import type { PageService } from '../../daemon/page/types.ts'
import { guestbook, node } from './fake-source.ts'

const pageOf = (more: Partial<PageService>): string =>
  servicePage({ node, service: { ...guestbook, ...more }, functions: [], path: '', face: { none: true } }).toString()

describe('page: versions', () => {
  it('shows what else runs under the name, and leads there', () => {
    assert.match(pageOf({ beside: ['guestbook@v1'] }), /<a href="\/guestbook@v1\/">guestbook@v1<\/a>/)
    assert.doesNotMatch(pageOf({ beside: [] }), /Other versions/)
  })

  it('says that a version is deprecated or withdrawn, and why, as text', () => {
    const said = pageOf({ deprecated: '<b>use</b> 2' })
    assert.match(said, /deprecated/)
    assert.match(said, /&lt;b&gt;use&lt;\/b&gt; 2/)
    assert.match(pageOf({ yanked: true }), /withdrawn/)
    assert.match(nodePage(node, [{ ...guestbook, yanked: true }]).toString(), /withdrawn/)
    assert.doesNotMatch(pageOf({}), /withdrawn|deprecated/)
  })

  it('takes a version in an address, and nothing that leads elsewhere', () => {
    for (const name of ['forum@v1', 'forum@2.0.0-rc.1']) assert(isServiceName(name), name)
    for (const name of ['@v1', 'forum@', 'forum@..', 'forum@v1@v2', 'forum@^1', 'forum@-'])
      assert(!isServiceName(name), name)
  })
})
